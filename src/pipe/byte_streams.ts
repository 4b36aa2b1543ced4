/**
 * WHATWG streams over plain reads and writes of bytes, and the way back from the stream to those.
 *
 * @module
 */

/** Where bytes come from. */
export interface ByteSource {
  /** The next bytes, at least one; null at the end. One read at a time. */
  read(): Promise<Uint8Array | null>;
  /** The bytes last read are no longer looked at: their memory may take the next. */
  release(): void;
  /**
   * Where bytes come as events: gives `take` what reads would bring, with no promise for each. Nothing is given before
   * `feed` has returned, and while what `take` returned is not settled. Undefined: this source is only read.
   */
  readonly feed?: (take: Take) => Feed;
  /** Nothing more is wanted. */
  abort(reason?: unknown): void | Promise<void>;
}

/** Takes bytes; a promise where it is not done with them at once. */
export type Take = (bytes: Uint8Array) => void | Promise<void>;

/** A source that gives what comes. */
export interface Feed {
  /** Resolves at the end; rejects with what the source failed with, or `take`. Once it is left only the latter counts. */
  readonly over: Promise<void>;
  /** Nothing more is expected: what comes waits for `read`. */
  leave(): void;
}

/** Where bytes go. */
export interface ByteSink {
  /**
   * Takes all of the bytes; resolves when it wants more, and no longer looks at these. One write at a time. A sink that
   * is done at once may return {@linkcode taken}.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more will come. */
  endWrite(): Promise<void>;
  /** What was written is not to be completed. */
  abort(reason?: unknown): void | Promise<void>;
}

/** A write that was done at once: who is given this very promise need not wait for it. */
export const taken: Promise<void> = Promise.resolve();

const sources = new WeakMap<ReadableStream, ByteSource>();
const sinks = new WeakMap<WritableStream, ByteSink>();

/** A stream that reads its source only when its consumer wants bytes. */
export function readableFrom(source: ByteSource): ReadableStream<Uint8Array> {
  const readable = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const bytes = await source.read();
      if (bytes === null) controller.close();
      else controller.enqueue(bytes);
    },
    cancel: (reason) => source.abort(reason),
  }, { highWaterMark: 0 });
  sources.set(readable, source);
  return readable;
}

/** A stream whose writes resolve when the sink wants more. */
export function writableTo(sink: ByteSink): WritableStream<Uint8Array> {
  const writable = new WritableStream<Uint8Array>({
    write: (bytes) => sink.write(bytes),
    close: () => sink.endWrite(),
    abort: (reason) => sink.abort(reason),
  });
  sinks.set(writable, sink);
  return writable;
}

/** The source under a stream made by {@linkcode readableFrom}. */
export function sourceOf(readable: ReadableStream): ByteSource | undefined {
  return sources.get(readable);
}

/** The sink under a stream made by {@linkcode writableTo}. */
export function sinkOf(writable: WritableStream): ByteSink | undefined {
  return sinks.get(writable);
}
