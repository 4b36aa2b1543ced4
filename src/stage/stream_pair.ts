/**
 * A stage as a pair of WHATWG streams.
 *
 * A plain `TransformStream` drops what was enqueued in the same call that throws, and what is queued when the source
 * fails; here the consumer gets it first. Everything else is as in https://streams.spec.whatwg.org/#ts-model: no readable
 * queue beyond the output of one item, a write waits until the consumer wants more.
 *
 * @module
 */
import type { Output, Stage } from "./stage.ts";
import { endedEarly, flushBroken, flushLast, gone } from "./ended.ts";

/** The two ends of a stage: what `pipeThrough` takes. */
export interface StreamPair<I, O> {
  /** What comes out. */
  readonly readable: ReadableStream<O>;
  /** What goes in. */
  readonly writable: WritableStream<I>;
}

/** Makes the pair of streams for a stage that was claimed. */
export function streamPair<I, O>(stage: Stage<I, O>): StreamPair<I, O> {
  let reading!: ReadableStreamDefaultController<O>;
  let writing!: WritableStreamDefaultController;
  let over = false; // the readable side is closed, cancelled or errored
  let aborted = false; // the writable side was aborted: nothing more is taken
  let ending = false; // the stage ends the stream
  let ended = false; // it has: what it pushes is dropped
  let atWork = false; // a call of the stage is under way
  let settled = false; // the stage ended or threw: it needs no cancel
  let left: Promise<never> | undefined; // the consumer has left, or the source failed: rejects with the reason
  let backpressure = true;
  let wanted = Promise.withResolvers<void>(); // while there is backpressure: resolves when the consumer wants more

  const release = () => {
    backpressure = false;
    wanted.resolve();
  };
  const drained = () => backpressure && !over && !aborted ? wanted.promise : undefined;
  /** Waits until the consumer has taken all that was made. */
  const delivered = async () => {
    while (!over && reading.desiredSize! < 0) await wanted.promise;
  };
  const fail = async (reason: unknown) => {
    await delivered();
    if (over) return;
    over = true;
    reading.error(reason);
    release();
  };
  const close = () => {
    settled = true;
    if (over) return;
    over = true;
    reading.close();
    release();
  };
  const tearDown = async (reason: unknown) => {
    if (settled) return;
    settled = true;
    left = gone(reason);
    await stage.cancel?.(reason);
  };
  const out: Output<O> = {
    push(item) {
      if (over || ended) return;
      if (!backpressure) {
        backpressure = true;
        wanted = Promise.withResolvers();
      }
      reading.enqueue(item); // may call pull, and so release, at once
    },
    flush: () => left ?? drained(),
    end() {
      if (ending) return;
      ending = true;
      flushLast(stage, out);
      ended = settled = true;
      if (!atWork) endNow();
    },
  };
  const endNow = () => {
    if (over) return;
    close();
    writing.error(endedEarly());
  };
  const call = async (work: () => void | Promise<void>) => {
    atWork = true;
    try {
      const pending = work(); // a throw is noticed at once: a cancel may come in the next turn
      if (pending !== undefined) await pending;
    } catch (error) {
      settled = true;
      if (!ended && !left) flushBroken(stage, out);
      await fail(error);
      throw error;
    } finally {
      atWork = false;
    }
    if (ended) endNow();
  };
  const callAndFlush = async (work: () => void | Promise<void>) => {
    await call(work);
    if (!over && !ended) await call(() => stage.flush?.(out));
  };

  const readable = new ReadableStream<O>({
    start(controller) {
      reading = controller;
    },
    pull: release,
    async cancel(reason) {
      over = true;
      writing.error(reason);
      const done = tearDown(reason);
      release();
      await done;
    },
  }, { highWaterMark: 0 });

  const writable = new WritableStream<I>({
    start(controller) {
      writing = controller;
      // An abort waits for the write under way, and that may wait for the consumer: let it go.
      controller.signal.addEventListener("abort", () => {
        aborted = true;
        wanted.resolve();
        wanted = Promise.withResolvers();
      }, { once: true });
      if (stage.start) return callAndFlush(() => stage.start!(out));
    },
    async write(item) {
      await drained();
      if (over || aborted) return;
      await callAndFlush(() => stage.push(item, out));
    },
    async close() {
      if (!over) {
        await call(() => {
          const pending = stage.end?.(out);
          settled ||= pending === undefined;
          return pending;
        });
      }
      close();
    },
    async abort(reason) {
      try {
        await tearDown(reason);
      } finally {
        await fail(reason);
      }
    },
  });
  return { readable, writable };
}
