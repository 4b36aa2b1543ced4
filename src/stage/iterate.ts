/**
 * Stages over an iterable.
 *
 * @module
 */
import type { AnySteps, Failure } from "./contract.ts";
import { Run } from "./run.ts";

/** Runs stages that were claimed over an iterable. Asks the source for an item when all made of the last is taken. */
export async function* iterate<I, O>(
  stages: readonly AnySteps[],
  source: AsyncIterable<I> | Iterable<I>,
): AsyncGenerator<O, void, void> {
  const items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const made: O[] = [];
  let changed = Promise.withResolvers<void>(); // something was made, or no more will be
  let taken: PromiseWithResolvers<void> | undefined; // what was made has been taken
  let waiting = false; // for the source
  let stopped = false; // no more input is taken
  let exhausted = false; // the source ended or threw: it needs no return
  let finished = false;
  let failure: Failure | undefined;

  const run = new Run<I, O>(stages, {
    push(item) {
      made.push(item);
      changed.resolve();
    },
    drained() {
      if (made.length > 0 && !finished) return (taken ??= Promise.withResolvers<void>()).promise;
    },
    stopped() {
      stopped = true;
    },
    settled(reason) {
      failure = reason;
      finished = true;
      changed.resolve();
    },
  });

  /** The next item; undefined: there is none. */
  const next = async (): Promise<{ readonly value: I } | undefined> => {
    waiting = true;
    try {
      const { done, value } = await items.next();
      exhausted = done === true;
      return done ? undefined : { value };
    } catch (error) {
      exhausted = true;
      throw error;
    } finally {
      waiting = false;
    }
  };
  const pump = async () => {
    await run.start();
    while (!stopped) {
      const item = await next();
      if (stopped) return;
      if (item === undefined) return await run.finish();
      await run.push(item.value);
      if (made.length > 0 && !finished) await (taken ??= Promise.withResolvers<void>()).promise;
    }
  };

  pump().catch((reason: unknown) => run.fail(reason));
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
    stopped = finished = true;
    taken?.resolve(); // a stage that waits for the consumer waits no longer
    const cancelled = failure === undefined ? run.cancel(undefined) : undefined;
    const returned = exhausted ? undefined : Promise.resolve(items.return?.());
    if (waiting) returned?.catch(() => {}); // it may wait for an item that never comes: nobody waits for it
    else await returned;
    await cancelled;
  }
}
