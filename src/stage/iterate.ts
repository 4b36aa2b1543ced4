/**
 * A stage over an iterable.
 *
 * @module
 */
import type { Output, Stage } from "./stage.ts";
import { flushBroken } from "./ended.ts";

/** Runs a stage that was claimed over an iterable: holds the output of one item at a time. */
export async function* iterate<I, O>(
  stage: Stage<I, O>,
  source: AsyncIterable<I> | Iterable<I>,
): AsyncGenerator<O, void, void> {
  const made: O[] = [];
  let ended = false;
  let settled = false; // the stage ended, or threw: it needs no cancel
  let changed = Promise.withResolvers<void>(); // something was made, or the call is done
  let taken: PromiseWithResolvers<void> | undefined; // what was made has been taken
  const out: Output<O> = {
    push(item) {
      if (ended) return;
      made.push(item);
      changed.resolve();
    },
    flush() {
      if (made.length > 0) return (taken ??= Promise.withResolvers<void>()).promise;
    },
    end() {
      ended = true;
    },
  };

  /** Yields what one call makes, while it makes it; then throws what the call threw. */
  async function* results(call: () => void | Promise<void>): AsyncGenerator<O, void, void> {
    let failure: { reason: unknown } | undefined;
    let done = false;
    const finish = (reason?: { reason: unknown }) => {
      failure = reason;
      if (failure && !ended) flushBroken(stage, out);
      done = true;
      changed.resolve();
    };
    try {
      const pending = call();
      if (pending === undefined) finish();
      else pending.then(() => finish(), (reason: unknown) => finish({ reason }));
    } catch (reason) {
      finish({ reason });
    }
    for (;;) {
      for (let next = 0; next < made.length; next++) yield made[next];
      made.length = 0;
      taken?.resolve();
      taken = undefined;
      if (done) break;
      await changed.promise;
      changed = Promise.withResolvers<void>();
    }
    if (failure === undefined) return;
    settled = true;
    throw failure.reason;
  }

  let reason: unknown;
  try {
    for await (const item of source) {
      yield* results(() => stage.push(item, out));
      if (!ended && stage.flush) yield* results(() => stage.flush!(out));
      if (ended) break;
    }
    if (!ended && stage.end) yield* results(() => stage.end!(out));
    settled = true;
  } catch (error) {
    reason = error;
    throw error;
  } finally {
    const cancelled = settled || ended ? undefined : stage.cancel?.(reason);
    taken?.resolve(); // a stage that waits for the consumer waits no longer
    await cancelled;
  }
}
