/**
 * Encodes messages as frames of WebSocket.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import { type Output, Stage } from "../../stage/stage.ts";
import type { Chunk } from "../chunk.ts";
import { applyMask, BINARY, CLOSE, CONTINUATION, MAX_HEADER, PONG, TEXT, writeHeader } from "./frame.ts";

/** Up to this length a payload is copied behind its header, so that a burst of messages leaves as one view. */
const MAX_COPIED = 4096;
/** Size of the first buffer for copies, in bytes; as many are made as needed. */
const SLAB = 1024;
/** Size of the largest buffer. */
const MAX_SLAB = 32 * 1024;
const EMPTY = new Uint8Array(0);

/** The settings of an encoder. */
export interface FrameEncoderSettings {
  /** The longest message that is sent in one frame, in bytes. */
  readonly limit: number;
  /** True for a client, which masks its frames. */
  readonly masked: boolean;
}

/**
 * Encodes chunks of messages as frames: one frame for a message whose size is known, else a frame for each chunk. A pong
 * and a close frame never stand inside another frame.
 */
export class FrameEncoder extends Stage<Chunk, Uint8Array> {
  /** Chunks sent so far. */
  chunks = 0;
  readonly #settings: FrameEncoderSettings;
  #out: Output<Uint8Array> | undefined;
  /** Missing bytes of the frame that is being sent. */
  #rest = 0;
  /** True inside a message. */
  #open = false;
  #key = new Uint8Array(4);
  #phase = 0;
  /** Copies that are not sent yet: from `#sent` to `#used` of the buffer. */
  #slab: Uint8Array = EMPTY;
  #sent = 0;
  #used = 0;
  /** The pong to send once the frame is complete. Of several pings only the last is answered (RFC 6455, 5.5.3). */
  #pong: Uint8Array | undefined;
  #closePayload: Uint8Array | undefined;
  #closed = false;

  /** Makes an encoder. */
  constructor(settings: FrameEncoderSettings) {
    super();
    this.#settings = settings;
  }

  override start(out: Output<Uint8Array>): void {
    this.#out = out;
  }

  push(chunk: Chunk, out: Output<Uint8Array>): void {
    if (this.#closed) return; // nothing follows a close frame
    const length = chunk.end - chunk.start;
    if (chunk.first) this.#begin(chunk, out);
    else if (this.#rest === 0) this.#header(chunk.last ? 0x80 : 0, CONTINUATION, length, out);
    if (length > this.#rest || chunk.first === this.#open) throw notWhole();
    this.#payload(chunk.source, chunk.start, chunk.end, out);
    this.#rest -= length;
    if (chunk.last && this.#rest > 0) throw notWhole();
    this.#open = !chunk.last;
    this.chunks++;
    if (this.#pong !== undefined && this.#rest === 0) this.#sendPong(out);
  }

  override flush(out: Output<Uint8Array>): void {
    this.#emit(out);
    // An idle connection holds no buffer.
    this.#slab = EMPTY;
    this.#sent = this.#used = 0;
  }

  override end(out: Output<Uint8Array>): void {
    this.#sendClose(out);
    this.flush(out);
  }

  /** Answers a ping, at once or behind the frame that is being sent. */
  pong(payload: Uint8Array): void {
    if (this.#closed) return;
    this.#pong = payload;
    if (this.#out === undefined || this.#rest > 0) return;
    this.#sendPong(this.#out);
    this.flush(this.#out);
  }

  /** Sets the payload of the close frame that `end` sends. */
  closeWith(payload: Uint8Array): void {
    this.#closePayload = payload;
  }

  /** Sends bytes that are no frame: the answer to a handshake. */
  sendRaw(bytes: Uint8Array): void {
    this.#out?.push(bytes);
    void this.#out?.flush();
  }

  /** Ends without a close frame: there was no handshake. */
  abandon(): void {
    this.#closed = true;
  }

  #begin(chunk: Chunk, out: Output<Uint8Array>): void {
    const { size } = chunk;
    if (size !== undefined && size > this.#settings.limit) {
      throw new EchopipeError(
        "too-large",
        `Cannot send a message: it has ${size} bytes, the limit is ${this.#settings.limit}`,
        { received: size, limit: this.#settings.limit },
      );
    }
    const whole = size !== undefined || chunk.last;
    this.#header(whole ? 0x80 : 0, chunk.kind === "data" ? BINARY : TEXT, size ?? chunk.end - chunk.start, out);
  }

  #header(final: number, opcode: number, length: number, out: Output<Uint8Array>): void {
    const { masked } = this.#settings;
    this.#reserve(MAX_HEADER + Math.min(length, MAX_COPIED), out);
    this.#used = writeHeader(this.#slab, this.#used, final | opcode, masked, length);
    if (masked) {
      crypto.getRandomValues(this.#key);
      this.#slab.set(this.#key, this.#used);
      this.#used += 4;
    }
    this.#rest = length;
    this.#phase = 0;
  }

  #payload(source: Uint8Array, start: number, end: number, out: Output<Uint8Array>): void {
    const length = end - start;
    const { masked } = this.#settings;
    if (length > MAX_COPIED && !masked) {
      this.#emit(out);
      out.push(source.subarray(start, end));
      return;
    }
    this.#reserve(length, out);
    const to = this.#used + length;
    this.#slab.set(source.subarray(start, end), this.#used);
    if (masked) applyMask(this.#slab, this.#used, to, this.#key, this.#phase);
    this.#phase += length;
    this.#used = to;
  }

  #sendPong(out: Output<Uint8Array>): void {
    const payload = this.#pong!;
    this.#pong = undefined;
    this.#control(PONG, payload, out);
  }

  #sendClose(out: Output<Uint8Array>): void {
    if (this.#closed) return;
    if (this.#rest > 0) throw notWhole();
    this.#control(CLOSE, this.#closePayload ?? Uint8Array.of(0x03, 0xe8), out);
    this.#closed = true;
  }

  #control(opcode: number, payload: Uint8Array, out: Output<Uint8Array>): void {
    this.#header(0x80, opcode, payload.length, out);
    this.#payload(payload, 0, payload.length, out);
    this.#rest = 0;
  }

  /** Makes room in the buffer. What stands in it already is emitted: the memory of a view is not written again. */
  #reserve(length: number, out: Output<Uint8Array>): void {
    if (this.#slab.length - this.#used >= length) return;
    this.#emit(out);
    this.#slab = new Uint8Array(Math.max(length, Math.min(MAX_SLAB, this.#slab.length * 4 || SLAB)));
    this.#sent = this.#used = 0;
  }

  #emit(out: Output<Uint8Array>): void {
    if (this.#used > this.#sent) out.push(this.#slab.subarray(this.#sent, this.#used));
    this.#sent = this.#used;
  }
}

function notWhole(): EchopipeError {
  return new EchopipeError("invalid-argument", "Cannot send a message: its chunks do not make up its size");
}
