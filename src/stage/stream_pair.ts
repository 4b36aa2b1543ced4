/**
 * A stage as a pair of WHATWG streams.
 *
 * A plain `TransformStream` drops what was enqueued in the same call that throws; here the consumer gets it first.
 * Everything else is as in https://streams.spec.whatwg.org/#ts-model: no readable queue beyond the output of one item,
 * a write waits until the consumer wants more.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Output, Stage } from "./stage.ts";

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
  let backpressure = true;
  let wanted = Promise.withResolvers<void>();

  const release = () => {
    backpressure = false;
    wanted.resolve();
  };
  const push = (item: O) => {
    if (over) return;
    if (!backpressure) {
      backpressure = true;
      wanted = Promise.withResolvers<void>();
    }
    reading.enqueue(item); // may call pull, and so release, at once
  };
  const drained = () => backpressure && !over ? wanted.promise : undefined;
  const close = () => {
    if (over) return;
    over = true;
    reading.close();
    release();
  };
  const fail = (reason: unknown) => {
    if (over) return;
    over = true;
    reading.error(reason);
    release();
  };
  const out: Output<O> = {
    push,
    flush: drained,
    end() {
      if (over) return;
      close();
      writing.error(new EchopipeError("ended", "Cannot write any more: the stage has ended the stream"));
    },
  };
  const guarded = async (work: () => void | Promise<void>) => {
    try {
      await work();
    } catch (error) {
      await drained();
      fail(error);
      throw error;
    }
  };

  const readable = new ReadableStream<O>({
    start(controller) {
      reading = controller;
    },
    pull: release,
    async cancel(reason) {
      over = true;
      release();
      writing.error(reason);
      await stage.cancel?.(reason);
    },
  }, { highWaterMark: 0 });

  const writable = new WritableStream<I>({
    start(controller) {
      writing = controller;
      // An abort waits for the write under way: let that write go.
      controller.signal.addEventListener("abort", () => fail(controller.signal.reason), { once: true });
    },
    async write(item) {
      await drained();
      if (over) return;
      await guarded(async () => {
        await stage.push(item, out);
        if (!over) stage.flush?.(out);
      });
    },
    async close() {
      if (!over) await guarded(() => stage.end?.(out));
      close();
    },
    async abort(reason) {
      fail(reason);
      await stage.cancel?.(reason);
    },
  });
  return { readable, writable };
}
