/**
 * WHATWG streams over sources and sinks of bytes.
 *
 * @module
 */
import { type Chain, ChainReadable, type Destination, type DirectWritable, openDirect } from "../stage/chain.ts";
import { checkBytes } from "../stage/items.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";
import { ByteOrigin } from "./byte_origin.ts";
import { WriteQueue } from "./write_queue.ts";

/**
 * A stream that reads its source only when the consumer asks for bytes. Stages join it: see {@linkcode ChainReadable}.
 */
export function readableFrom(source: ByteSource): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ChainReadable<Uint8Array<ArrayBuffer>>(new ByteOrigin(source));
}

/** A stream whose writes resolve when the sink is ready for more. A chain of stages writes to its sink directly. */
export function writableTo(sink: ByteSink): WritableStream<Uint8Array> {
  return new ByteWritable(sink);
}

class ByteWritable extends WritableStream<Uint8Array> implements DirectWritable {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    super({
      write(bytes) {
        checkBytes(bytes, "write");
        return sink.write(bytes);
      },
      close: () => sink.endWrite(),
      abort: (reason) => sink.abort(reason),
    });
    this.#sink = sink;
  }

  [openDirect](chain: Chain): Destination {
    return new WriteQueue(this.#sink, chain);
  }
}
