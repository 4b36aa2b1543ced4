/**
 * Stages of bulk echo: bytes to data messages and back.
 *
 * @module
 */
import { messageHeader } from "../framing/message.ts";
import { Chunk } from "../framing/chunk.ts";
import { type Output, Stage, stage } from "../stage/stage.ts";
import { hasHeadroom, HEADROOM } from "../pipe/block_source.ts";

/**
 * A stage that makes each chunk a `data` message. Where the chunk's buffer has room before it, as a block of a
 * {@linkcode BlockSource} has, the header is put there, so that the encoder sends both in one write.
 */
export function toData(): Stage<Uint8Array, Chunk> {
  const { width } = messageHeader;
  return stage((bytes, out) => {
    if (!hasHeadroom(bytes)) return out.push(Chunk.whole(bytes));
    const source = new Uint8Array(bytes.buffer);
    const end = HEADROOM + bytes.length;
    messageHeader.write(source.subarray(HEADROOM - width), "data", bytes.length);
    out.push(new Chunk(source, HEADROOM, end, "data", true, true, bytes.length));
  });
}

/** A stage that passes on the bytes of chunks. */
export function toBytes(): Stage<Chunk, Uint8Array> {
  return new ToBytes();
}

class ToBytes extends Stage<Chunk, Uint8Array> {
  push(chunk: Chunk, out: Output<Uint8Array>): void {
    if (chunk.length > 0) out.push(chunk.bytes);
  }
}
