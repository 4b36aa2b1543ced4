/**
 * Stages over an iterable.
 *
 * @module
 */
import type { AnySteps, Failure } from "./contract.ts";
import { Run } from "./run.ts";

/**
 * Runs claimed stages over an iterable. The source is asked for an item once the output of the last one is consumed.
 */
export async function* iterate<I, O>(
  stages: readonly AnySteps[],
  source: AsyncIterable<I> | Iterable<I>,
): AsyncGenerator<O, void, void> {
  const items = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const made: O[] = [];
  let changed = Promise.withResolvers<void>(); // an item was made, or the run has ended
  let consumed: PromiseWithResolvers<void> | undefined; // all that was made has been consumed
  let reading = false; // the source was asked, and has not answered yet
  let stopped = false; // no more input is read
  let exhausted = false; // the source ended or threw: its return() must not be called
  let finished = false;
  let failure: Failure | undefined;

  const run = new Run<I, O>(stages, {
    push(item) {
      made.push(item);
      changed.resolve();
    },
    drained() {
      if (made.length > 0 && !finished) return (consumed ??= Promise.withResolvers<void>()).promise;
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

  /** The next item; undefined at the end. */
  const next = async (): Promise<{ readonly value: I } | undefined> => {
    reading = true;
    try {
      const { done, value } = await items.next();
      exhausted = done === true;
      return done ? undefined : { value };
    } catch (error) {
      exhausted = true;
      throw error;
    } finally {
      reading = false;
    }
  };
  const pump = async () => {
    await run.start();
    while (!stopped) {
      const item = await next();
      if (stopped) return;
      if (item === undefined) return await run.finish();
      await run.push(item.value);
      if (made.length > 0 && !finished) await (consumed ??= Promise.withResolvers<void>()).promise;
    }
  };

  pump().catch((reason: unknown) => run.fail(reason));
  try {
    for (;;) {
      for (let next = 0; next < made.length; next++) yield made[next];
      made.length = 0;
      consumed?.resolve();
      consumed = undefined;
      if (finished) break;
      await changed.promise;
      changed = Promise.withResolvers<void>();
    }
    if (failure) throw failure.reason;
  } finally {
    stopped = finished = true;
    consumed?.resolve(); // for a stage that waits for the consumer
    const cancelled = failure === undefined ? run.cancel(undefined) : undefined;
    const returned = exhausted ? undefined : Promise.resolve(items.return?.());
    if (reading) returned?.catch(() => {}); // not awaited: the source may wait for an item that never comes
    else await returned;
    await cancelled;
  }
}
