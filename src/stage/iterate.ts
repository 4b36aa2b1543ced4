/**
 * A stage over an iterable.
 *
 * @module
 */
import { flushBroken, flushLast, gone } from "./ended.ts";
import type { Output, Stage } from "./stage.ts";

/** Runs a stage that was claimed over an iterable. Asks the source for an item when all made of the last is taken. */
export async function* iterate<I, O>(
  stage: Stage<I, O>,
  source: AsyncIterable<I> | Iterable<I>,
): AsyncGenerator<O, void, void> {
  const items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const made: O[] = [];
  let changed = Promise.withResolvers<void>(); // something was made, or no more will be
  let taken: PromiseWithResolvers<void> | undefined; // what was made has been taken
  let waiting = false; // for the source
  let ending = false; // the stage ends the stream
  let ended = false; // it has: what it pushes is dropped
  let settled = false; // the stage ended or threw: it needs no cancel
  let exhausted = false; // the source ended or threw: it needs no return
  let finished = false;
  let failure: { reason: unknown } | undefined;
  let left: Promise<never> | undefined; // the consumer has left, or the source failed: rejects

  const finish = () => {
    finished = true;
    changed.resolve();
  };
  const out: Output<O> = {
    push(item) {
      if (ended) return;
      made.push(item);
      changed.resolve();
    },
    flush() {
      if (left) return left;
      if (made.length > 0 && !finished) return (taken ??= Promise.withResolvers<void>()).promise;
    },
    end() {
      if (ending) return;
      ending = true;
      flushLast(stage, out);
      ended = settled = true;
      if (waiting) finish();
    },
  };
  const call = async (work: () => void | Promise<void>) => {
    try {
      const pending = work(); // a throw is noticed at once: a cancel may come in the next turn
      if (pending !== undefined) await pending;
    } catch (error) {
      settled = true;
      if (!ended && !left) flushBroken(stage, out);
      throw error;
    }
  };
  const callAndFlush = async (work: () => void | Promise<void>) => {
    await call(work);
    if (!ended && !finished && stage.flush) await call(() => stage.flush!(out));
  };
  const nextItem = async () => {
    waiting = true;
    try {
      const next = await items.next();
      exhausted = next.done === true;
      return next;
    } catch (error) {
      exhausted = true;
      throw error;
    } finally {
      waiting = false;
    }
  };
  const pump = async () => {
    if (stage.start) await callAndFlush(() => stage.start!(out));
    while (!finished && !ended) {
      const next = await nextItem();
      if (finished) return;
      if (next.done) {
        await call(() => {
          const pending = stage.end?.(out);
          settled = pending === undefined;
          return pending;
        });
        settled = true;
        return;
      }
      await callAndFlush(() => stage.push(next.value, out));
      await out.flush();
    }
  };

  pump().catch((reason: unknown) => void (failure = { reason })).then(finish);
  try {
    for (;;) {
      for (let next = 0; next < made.length; next++) yield made[next];
      made.length = 0;
      taken?.resolve();
      taken = undefined;
      if (finished) break;
      await changed.promise;
      changed = Promise.withResolvers<void>();
    }
    if (failure) throw failure.reason;
  } finally {
    finished = true;
    if (!settled) left = gone(failure?.reason);
    taken?.resolve(); // a stage that waits for the consumer waits no longer
    const cancelled = settled ? undefined : stage.cancel?.(failure?.reason);
    const returned = exhausted ? undefined : Promise.resolve(items.return?.());
    if (waiting) returned?.catch(() => {}); // it may wait for an item that never comes: nobody waits for it
    else await returned;
    await cancelled;
  }
}
