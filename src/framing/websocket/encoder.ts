/**
 * Encodes messages as frames of WebSocket.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import { type Output, Stage } from "../../stage/stage.ts";
import { wrongItem } from "../../stage/items.ts";
import { Chunk } from "../chunk.ts";
import { applyMask, BINARY, CLOSE, CloseCode, CONTINUATION, MAX_HEADER, PONG, TEXT, writeHeader } from "./frame.ts";
import { FrameBuffer } from "./frame_buffer.ts";

/** The settings of an encoder. */
export interface FrameEncoderSettings {
  /** The longest message whose size is announced, in bytes. */
  readonly limit: number;
  /** True for a client, which masks its frames. */
  readonly masked: boolean;
}

/**
 * Encodes chunks of messages as frames: one frame for a message whose size is known, else a frame for each chunk. A pong
 * and a close frame never stand inside another frame.
 *
 * ```text
 * handshake --open--> open --end, closeNow--> closed
 *     \____________________abandon______________^
 * ```
 *
 * Frames that are made during the handshake are held until it is done.
 */
export class FrameEncoder extends Stage<Chunk, Uint8Array<ArrayBuffer>> {
  /** Chunks sent so far. */
  chunks = 0;
  readonly #settings: FrameEncoderSettings;
  readonly #buffer = new FrameBuffer();
  #out: Output<Uint8Array<ArrayBuffer>> | undefined;
  /** The message that is being sent: in one frame, or in a frame for each chunk. */
  #message: "none" | "whole" | "fragmented" = "none";
  /** Missing bytes of the frame that is being sent. */
  #rest = 0;
  readonly #key = new Uint8Array(4);
  #phase = 0;
  /** The pong to send once the frame is complete. Of several pings only the last is answered (5.5.3). */
  #pong: Uint8Array | undefined;
  #closePayload: Uint8Array | undefined;
  #closed = false;

  /** Makes an encoder. */
  constructor(settings: FrameEncoderSettings) {
    super();
    this.#settings = settings;
  }

  override start(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#out = out;
  }

  push(chunk: Chunk, out: Output<Uint8Array<ArrayBuffer>>): void {
    if (!(chunk instanceof Chunk)) throw wrongItem(chunk, "a Chunk");
    if (this.#closed) return; // nothing follows a close frame
    const length = chunk.end - chunk.start;
    if (chunk.first !== (this.#message === "none")) throw notWhole();
    if (chunk.first) this.#begin(chunk, length, out);
    else if (this.#message === "fragmented") this.#header(chunk.last ? 0x80 : 0, CONTINUATION, length, out);
    this.#rest -= length;
    if (this.#rest < 0 || this.#message === "whole" && (this.#rest === 0) !== chunk.last) throw notWhole();
    this.#payload(chunk.source, chunk.start, chunk.end, out);
    if (chunk.last) this.#message = "none";
    this.chunks++;
    if (this.#pong !== undefined && this.#rest === 0) this.#sendPong(out);
  }

  override flush(out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#buffer.flush(out);
  }

  override end(out: Output<Uint8Array<ArrayBuffer>>): void {
    if (!this.#closed && this.#rest > 0) throw notWhole();
    this.#sendClose(out);
    this.flush(out);
  }

  /** The handshake is done: sends its response, then what was held. */
  open(response: Uint8Array<ArrayBuffer>): void {
    this.#out?.push(response);
    if (this.#out) this.#buffer.release(this.#out);
  }

  /** Ends without a frame: there was no handshake. `response`: what is sent instead. */
  abandon(response?: Uint8Array<ArrayBuffer>): void {
    this.#closed = true;
    this.#buffer.drop();
    if (response !== undefined) this.#out?.push(response);
  }

  /** Answers a ping, at once or behind the frame that is being sent. */
  pong(payload: Uint8Array): void {
    if (this.#closed) return;
    this.#pong = payload;
    if (this.#out === undefined || this.#rest > 0) return;
    this.#sendPong(this.#out);
    this.flush(this.#out);
  }

  /** Sets the payload of the close frame that `end` sends; the first one counts. */
  closeWith(payload: Uint8Array): void {
    this.#closePayload ??= payload;
  }

  /**
   * The close frame for a stream that fails: nothing follows it. Undefined where none can stand: inside a frame, during the
   * handshake, after another.
   */
  lastFrame(payload: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
    if (this.#closed || this.#buffer.held || this.#rest > 0) return undefined;
    this.#closed = true;
    const frame = new Uint8Array(MAX_HEADER + payload.length);
    const masked = this.#settings.masked;
    let at = writeHeader(frame, 0, 0x80 | CLOSE, masked, payload.length);
    if (masked) at += 4; // a key of zeros
    frame.set(payload, at);
    return frame.subarray(0, at + payload.length);
  }

  /** Sends that close frame at once, behind what was emitted so far. */
  closeNow(payload: Uint8Array): void {
    const out = this.#out;
    const frame = out && this.lastFrame(payload);
    if (frame === undefined) return;
    this.flush(out!);
    out!.push(frame);
  }

  #begin(chunk: Chunk, length: number, out: Output<Uint8Array<ArrayBuffer>>): void {
    const { size } = chunk;
    const { limit } = this.#settings;
    if (size !== undefined && size > limit) {
      throw new EchopipeError("too-large", `Cannot send a message: it has ${size} bytes, the limit is ${limit}`, {
        received: size,
        limit,
      });
    }
    const whole = size !== undefined || chunk.last;
    this.#message = whole ? "whole" : "fragmented";
    this.#header(whole ? 0x80 : 0, chunk.kind === "data" ? BINARY : TEXT, size ?? length, out);
  }

  #header(final: number, opcode: number, length: number, out: Output<Uint8Array<ArrayBuffer>>): void {
    const { masked } = this.#settings;
    const buffer = this.#buffer;
    buffer.reserve(MAX_HEADER, length, out);
    let end = writeHeader(buffer.bytes, buffer.at, final | opcode, masked, length);
    if (masked) {
      crypto.getRandomValues(this.#key);
      buffer.bytes.set(this.#key, end);
      end += 4;
    }
    buffer.advance(end);
    this.#rest = length;
    this.#phase = 0;
  }

  #payload(source: Uint8Array, start: number, end: number, out: Output<Uint8Array<ArrayBuffer>>): void {
    const buffer = this.#buffer;
    if (!this.#settings.masked) return buffer.add(source, start, end, out);
    const length = end - start;
    buffer.reserve(length, 0, out);
    const { bytes, at } = buffer;
    bytes.set(source.subarray(start, end), at);
    applyMask(bytes, at, at + length, this.#key, this.#phase);
    buffer.advance(at + length);
    this.#phase += length;
  }

  #sendPong(out: Output<Uint8Array<ArrayBuffer>>): void {
    const payload = this.#pong!;
    this.#pong = undefined;
    this.#control(PONG, payload, out);
  }

  #sendClose(out: Output<Uint8Array<ArrayBuffer>>): void {
    if (this.#closed) return;
    this.#control(CLOSE, this.#closePayload ?? codePayload(CloseCode.normal), out);
    this.#closed = true;
  }

  #control(opcode: number, payload: Uint8Array, out: Output<Uint8Array<ArrayBuffer>>): void {
    this.#header(0x80, opcode, payload.length, out);
    this.#payload(payload, 0, payload.length, out);
    this.#rest = 0;
  }
}

/** The payload of a close frame with a status code and no reason. */
export function codePayload(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff);
}

function notWhole(): EchopipeError {
  return new EchopipeError("invalid-argument", "Cannot send a message: its chunks do not make up its size");
}
