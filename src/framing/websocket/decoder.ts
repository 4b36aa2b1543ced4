/**
 * Decodes the frames of WebSocket.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import { type Output, Stage } from "../../stage/stage.ts";
import { Chunk, type Kind } from "../chunk.ts";
import {
  applyMask,
  BINARY,
  CLOSE,
  CONTINUATION,
  headerLength,
  MAX_CONTROL_PAYLOAD,
  MAX_HEADER,
  payloadLength,
  PING,
  PONG,
  TEXT,
} from "./frame.ts";
import { Utf8Check } from "./utf8_check.ts";

/** Listens to the frames that are no part of a message. */
export interface FrameListener {
  /** Called with the payload of a ping. */
  ping(payload: Uint8Array): void;
  /** Called with the payload of a close frame: nothing follows it. */
  close(payload: Uint8Array): void;
}

/** The settings of a decoder. */
export interface FrameDecoderSettings {
  /** The largest chunk, in bytes. */
  readonly chunkSize: number;
  /** The longest message in bytes, over all its frames. */
  readonly limit: number;
  /** True for frames of a client, which have to be masked; false for those of a server, which must not (5.1). */
  readonly masked: boolean;
}

/**
 * Decodes frames into chunks of messages. Masks are removed in place, in the buffer that was given: it belongs to the
 * decoder as long as `push` runs and its chunks are used.
 *
 * ```text
 * header --complete--> payload --complete--> header
 *    |                    |
 *  end: clean between   end: truncated
 *  messages
 * ```
 */
export class FrameDecoder extends Stage<Uint8Array, Chunk> {
  /** Chunks made so far. */
  chunks = 0;
  readonly #settings: FrameDecoderSettings;
  readonly #listener: FrameListener;
  /** The bytes so far of a header that arrives in pieces. */
  readonly #partial = new Uint8Array(MAX_HEADER);
  #partialLength = 0;
  readonly #key = new Uint8Array(4);
  /** Missing bytes of the payload; -1 while a header is read. */
  #rest = -1;
  /** Length of the frame's payload. */
  #length = 0;
  #final = false;
  /** The opcode of a control frame, and its payload so far; 0 in others. */
  #control = 0;
  #controlPayload = new Uint8Array(0);
  /** The kind of the message; undefined between messages. */
  #kind: Kind | undefined;
  /** The length of the message where one frame has all of it. */
  #size: number | undefined;
  /** Bytes of the message, in frames whose headers have been read. */
  #total = 0;
  #first = true;
  readonly #text = new Utf8Check();
  #closed = false;
  /** Position in the stream of the bytes at hand. */
  #position: number;

  /** Makes a decoder; `position`: bytes of the stream that came before, for errors. */
  constructor(settings: FrameDecoderSettings, listener: FrameListener, position = 0) {
    super();
    this.#settings = settings;
    this.#listener = listener;
    this.#position = position;
  }

  /** True inside a frame, and between the frames of one message. */
  override get begun(): boolean {
    return !this.#closed && (this.#partialLength > 0 || this.#rest >= 0 || this.#kind !== undefined);
  }

  push(bytes: Uint8Array, out: Output<Chunk>): void {
    for (let at = 0; at < bytes.length && !this.#closed;) {
      if (this.#rest < 0) at = this.#readHeader(bytes, at, out);
      if (this.#rest >= 0) at = this.#readPayload(bytes, at, out);
    }
    this.#position += bytes.length;
  }

  override end(): void {
    if (!this.begun) return;
    throw new EchopipeError(
      "truncated",
      `Cannot read a message: the stream ended at byte ${this.#position}, inside ` +
        (this.#rest < 0 && this.#partialLength === 0 ? "a message in several frames" : "a frame"),
      { position: this.#position },
    );
  }

  #readHeader(bytes: Uint8Array, at: number, out: Output<Chunk>): number {
    const whole = this.#partialLength === 0 && bytes.length - at >= 2 &&
      bytes.length - at >= headerLength(bytes[at + 1]);
    if (whole) {
      const width = headerLength(bytes[at + 1]);
      this.#open(bytes, at, this.#position + at);
      at += width;
    } else {
      this.#partial[this.#partialLength++] = bytes[at++];
      if (this.#partialLength < 2 || this.#partialLength < headerLength(this.#partial[1])) return at;
      const width = this.#partialLength;
      this.#partialLength = 0;
      this.#open(this.#partial, 0, this.#position + at - width);
    }
    // Nothing follows the header of an empty payload.
    if (this.#length === 0) this.#readPayload(bytes, at, out);
    return at;
  }

  /** Begins a frame, whose header is at index `at`, and at `position` of the stream. */
  #open(header: Uint8Array, at: number, position: number): void {
    const fail = (found: string, code: "protocol" | "too-large" = "protocol", limit?: number) =>
      new EchopipeError(code, `Cannot read a frame at byte ${position} of the stream: ${found}`, { position, limit });
    const [first, second] = [header[at], header[at + 1]];
    const opcode = first & 0x0f;
    if ((first & 0x70) !== 0) throw fail("a reserved bit is set, and no extension was agreed on");
    if (second >= 0x80 !== this.#settings.masked) {
      throw fail(
        this.#settings.masked ? "it is not masked; expected the mask of a client" : "it is masked by a server",
      );
    }
    const length = payloadLength(header, at);
    const final = first >= 0x80;
    if (opcode === CLOSE || opcode === PING || opcode === PONG) {
      if (!final) throw fail("a control frame is fragmented");
      if (length > MAX_CONTROL_PAYLOAD) throw fail(`a control frame has ${length} bytes; expected 0 to 125`);
      this.#control = opcode;
      this.#controlPayload = new Uint8Array(length);
    } else {
      this.#openData(opcode, final, length, fail);
    }
    if (this.#settings.masked) {
      const key = at + headerLength(second) - 4;
      for (let i = 0; i < 4; i++) this.#key[i] = header[key + i];
    }
    this.#length = this.#rest = length;
  }

  #openData(
    opcode: number,
    final: boolean,
    length: number,
    fail: (found: string, code?: "too-large", limit?: number) => Error,
  ) {
    const begins = opcode === TEXT || opcode === BINARY;
    if (!begins && opcode !== CONTINUATION) throw fail(`its opcode ${opcode} is reserved`);
    if (begins && this.#kind !== undefined) throw fail("a message begins inside another");
    if (!begins && this.#kind === undefined) throw fail("it continues a message, and none was begun");
    if (begins) {
      this.#kind = opcode === TEXT ? "text" : "data";
      this.#size = final ? length : undefined;
      this.#total = 0;
      this.#first = true;
    }
    this.#total += length;
    const { limit } = this.#settings;
    if (this.#total > limit) {
      throw fail(`its message has ${this.#total} bytes or more, the limit is ${limit}`, "too-large", limit);
    }
    this.#final = final;
  }

  #readPayload(bytes: Uint8Array, at: number, out: Output<Chunk>): number {
    const end = Math.min(at + this.#rest, bytes.length);
    const before = this.#length - this.#rest;
    if (this.#settings.masked) applyMask(bytes, at, end, this.#key, before);
    this.#rest -= end - at;
    if (this.#control !== 0) this.#readControl(bytes, at, end, before, out);
    else this.#readData(bytes, at, end, out);
    if (this.#rest === 0) {
      this.#rest = -1;
      this.#control = 0;
    }
    return end;
  }

  #readData(bytes: Uint8Array, at: number, end: number, out: Output<Chunk>): void {
    const kind = this.#kind!;
    const over = this.#rest === 0 && this.#final;
    if (kind === "text") this.#checkText(bytes, at, end, over);
    if (at === end && !over) return; // an empty frame in the middle of a message
    do {
      const to = Math.min(at + this.#settings.chunkSize, end);
      this.chunks++;
      out.push(new Chunk(bytes, at, to, kind, this.#first, over && to === end, this.#size));
      this.#first = false;
      at = to;
    } while (at < end);
    if (over) this.#kind = undefined;
  }

  #checkText(bytes: Uint8Array, at: number, end: number, over: boolean): void {
    const wrong = this.#text.take(bytes, at, end);
    if (wrong < 0 && (!over || this.#text.complete)) return;
    const position = this.#position + (wrong < 0 ? end : wrong);
    throw new EchopipeError(
      "invalid-text",
      `Cannot read a text message: byte ${position} does not continue valid UTF-8`,
      {
        position,
        expected: "UTF-8",
      },
    );
  }

  #readControl(bytes: Uint8Array, at: number, end: number, before: number, out: Output<Chunk>): void {
    this.#controlPayload.set(bytes.subarray(at, end), before);
    if (this.#rest > 0) return;
    if (this.#control === PING) this.#listener.ping(this.#controlPayload);
    if (this.#control !== CLOSE) return;
    this.#closed = true;
    this.#listener.close(this.#controlPayload);
    out.end();
  }
}
