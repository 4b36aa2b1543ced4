/**
 * What the stages are measured with: reads of 64 KiB, as a socket gives them under load, full of messages.
 *
 * @module
 */
import { Chunk } from "echopipe";

/** The size of a read, in bytes. */
export const READ_BYTES = 64 * 1024;
const TOTAL_BYTES = 1024 * 1024;

/** How a message looks on the wire. */
export type Wire = "raw" | "line" | "len32" | "varint";

/** About a mebibyte of messages of one size. */
export interface Input {
  /** The wire, cut into reads: a message may lie across two. */
  readonly reads: Uint8Array[];
  /** Bytes in all. */
  readonly bytes: number;
  /** Messages in all. */
  readonly messages: number;
  /** Bytes of one, as a handler sees it. */
  readonly size: number;
}

/** Makes messages of `size` bytes; of a line, its end is one of them. `text`: of these bytes. */
export function input(wire: Wire, size: number, text?: string): Input {
  const header = headerOf(wire, size);
  const unit = header.length + size;
  const messages = Math.round(TOTAL_BYTES / unit);
  const bytes = new Uint8Array(messages * unit);
  for (let i = 0; i < bytes.length; i++) {
    const place = i % unit;
    bytes[i] = place < header.length ? header[place] : 97 + (i * 7 + (i >> 8)) % 26;
    if (text !== undefined) bytes[i] = text.charCodeAt(place);
    else if (wire === "line" && place === unit - 1) bytes[i] = 10;
  }
  const reads: Uint8Array[] = [];
  // Each read has memory of its own, as if it came from a socket.
  for (let at = 0; at < bytes.length; at += READ_BYTES) reads.push(bytes.slice(at, at + READ_BYTES));
  return { reads, bytes: bytes.length, messages, size };
}

/** The same messages, to be encoded: not cut from a wire, so that no header stands before them. */
export function inputChunks({ messages, size }: Input): Chunk[] {
  const payload = new Uint8Array(size).fill(97);
  return Array.from({ length: messages }, () => Chunk.whole(payload, "text"));
}

/** A stream of the items, one at a time as they are asked for. */
export function streamOf<T>(items: readonly T[]): ReadableStream<T> {
  let next = 0;
  return new ReadableStream<T>({
    pull(controller) {
      if (next < items.length) controller.enqueue(items[next++]);
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

/** An asynchronous iterable of the items. */
export async function* iterableOf<T>(items: readonly T[]): AsyncGenerator<T, void, void> {
  for (const item of items) yield item;
}

function headerOf(wire: Wire, size: number): number[] {
  if (wire === "len32") return [size >>> 24, size >>> 16 & 255, size >>> 8 & 255, size & 255];
  if (wire !== "varint") return [];
  const header: number[] = [];
  for (let rest = size; header.length === 0 || rest > 0; rest >>>= 7) header.push(rest & 127 | (rest > 127 ? 128 : 0));
  return header;
}
