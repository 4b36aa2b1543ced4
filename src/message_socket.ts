/**
 * A connection that sends and receives messages.
 *
 * @module
 */
import { Conversation } from "./conversation/mod.ts";
import { checkInteger, EchopipeError } from "./errors.ts";
import { MAX_CONTROL, MAX_MESSAGE, message } from "./framing/message.ts";
import { DEFAULT_MESSAGE_LIMIT, messages } from "./framing/messages.ts";
import { Chunk } from "./framing/chunk.ts";
import type { ByteSink, ByteSource } from "./pipe/bytes.ts";
import { pipeline } from "./stage/pipeline.ts";
import { Connection } from "./transport/connection.ts";
import type { RunningServer } from "./server/run_server.ts";
import { serveAs, type ServeOptions } from "./server/serve.ts";
import { connectSocket } from "./transport/connect_socket.ts";
import type { ConnectOptions, Socket } from "./runtime/socket.ts";

/** Limit of pending messages, in bytes; a single message may be longer. */
const MAX_PENDING = 16 * 1024 * 1024;
/** Chunk size of the decoder, in bytes. */
const CHUNK_SIZE = 64 * 1024;

/** The options of a {@linkcode MessageSocket}. */
export interface MessageSocketOptions {
  /** The longest message in bytes, in both directions: 0 to 2^30 - 1. Default 1,048,576 (1 MiB). */
  readonly limit?: number;
  /** Called with each control message, as JSON text, in its place between the others. Default: they are ignored. */
  readonly onControl?: (json: string) => void;
}

/**
 * A connection that sends and receives whole messages in the framing `message`: text as a `string`, data as a
 * `Uint8Array`.
 *
 * Use either {@linkcode MessageSocket.receive} or the `readable`, and either {@linkcode MessageSocket.send} or the
 * `writable`. Everything else is as for a {@linkcode Connection}: the end of its scope loses no sent messages.
 *
 * @example A dialogue
 * ```ts
 * import assert from "node:assert/strict";
 * import { MessageSocket } from "echopipe";
 *
 * await using listener = await MessageSocket.listen({}, async (peer) => {
 *   await peer.send("What is your name?");
 *   await peer.send(`Hello, ${await peer.receive()}`);
 * });
 * await using socket = await MessageSocket.connect({ port: listener.address.port });
 * assert.deepEqual(await socket.receive(), "What is your name?");
 * await socket.send("Ada");
 * assert.deepEqual(await socket.receive(), "Hello, Ada");
 * assert.deepEqual(await socket.receive(), undefined);
 * ```
 */
export class MessageSocket extends Connection implements AsyncIterable<string | Uint8Array> {
  readonly #limit: number;
  readonly #onControl: ((json: string) => void) | undefined;
  #conversation: Conversation<Chunk> | undefined;
  /** Bytes of the messages that are not sent yet. */
  #pending = 0;

  /** Wraps a connected socket, and takes ownership of it. Use {@linkcode MessageSocket.connect}. */
  constructor(socket: Socket, { limit = DEFAULT_MESSAGE_LIMIT, onControl }: MessageSocketOptions = {}) {
    super(socket);
    this.#limit = limit;
    this.#onControl = onControl;
  }

  /**
   * Connects to a server of the framing `message`.
   *
   * @throws {EchopipeError} `invalid-argument` for a limit out of its range, and the errors of {@linkcode connect}
   */
  static async connect(options: ConnectOptions & MessageSocketOptions): Promise<MessageSocket> {
    checkLimit(options);
    return new MessageSocket(await connectSocket(options, ["limit", "onControl"]), options);
  }

  /**
   * Serves message sockets as {@linkcode serve} serves connections.
   *
   * @throws {EchopipeError} `invalid-argument` for a limit out of its range, and the errors of {@linkcode serve}
   */
  static async listen(
    options: ServeOptions & MessageSocketOptions,
    handler: (peer: MessageSocket) => Promise<unknown>,
  ): Promise<RunningServer> {
    checkLimit(options);
    return await serveAs((socket) => new MessageSocket(socket, options), options, handler);
  }

  /**
   * Sends a message: a string as text, bytes as data. Resolves when the system has accepted it; until then the bytes
   * must not change. Messages that are not awaited are sent in order, and up to 16 MiB of them may be pending.
   *
   * @throws {EchopipeError} `invalid-argument` for any other type; `too-large` beyond the limit, or while too much is
   * pending; `invalid-text` for half a surrogate pair; `reset`, `closed` or `io` if the connection is lost
   */
  async send(text: string | Uint8Array): Promise<void> {
    if (typeof text !== "string" && !(text instanceof Uint8Array)) {
      throw new EchopipeError("invalid-argument", `Cannot send a ${typeof text}: expected a string or a Uint8Array`);
    }
    const chunk = typeof text === "string" ? Chunk.text(text) : Chunk.whole(text);
    this.#checkRoom(chunk.length);
    this.#pending += chunk.length;
    try {
      await this.#talk.send(chunk);
    } finally {
      this.#pending -= chunk.length;
    }
  }

  /**
   * Receives the next message: text as a string, data as bytes; `undefined` when the peer has ended.
   *
   * @throws {EchopipeError} `invalid-text` for text that is not UTF-8: the next message can still be received. The
   * others are final: `too-large` beyond the limit, `protocol` or `truncated` for invalid input, `reset`, `closed` or
   * `io` if the connection is lost
   */
  async receive(): Promise<string | Uint8Array | undefined> {
    for (;;) {
      const chunk = await this.#talk.receive();
      if (chunk?.kind !== "control") return chunk?.kind === "text" ? chunk.toText() : chunk?.bytes;
      this.#onControl?.(chunk.toText());
    }
  }

  /** Receives messages until the peer ends. Leaving the loop early leaves the connection open. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array, void, void> {
    for (let received; (received = await this.receive()) !== undefined;) yield received;
  }

  /** Ends the sending direction after all messages of {@linkcode MessageSocket.send}. */
  override endWrite(): Promise<void> {
    return this.#talk.endWrite();
  }

  /** The conversation over the connection. Its end is that of the connection itself, not the one above. */
  get #talk(): Conversation<Chunk> {
    if (this.#conversation !== undefined) return this.#conversation;
    const { decoder, encoder } = message({ limit: this.#limit, chunkSize: CHUNK_SIZE });
    const whole = messages({ limit: Math.max(this.#limit, MAX_CONTROL) });
    this.reader = decoder;
    const wire = withoutMessages(this, () => super.endWrite());
    return this.#conversation = new Conversation<Chunk>(wire, { decoder: pipeline(decoder, whole), encoder });
  }

  #checkRoom(length: number): void {
    const tooMuch = length > this.#limit
      ? `it has ${length} bytes, the limit is ${this.#limit}`
      : this.#pending > 0 && this.#pending + length > MAX_PENDING
      ? `${this.#pending} bytes wait to be sent, and with its ${length} they pass the limit of ${MAX_PENDING}`
      : undefined;
    if (tooMuch === undefined) return;
    const limit = length > this.#limit ? this.#limit : MAX_PENDING;
    throw new EchopipeError("too-large", `Cannot send a message: ${tooMuch}`, { received: length, limit });
  }
}

/** Checks the limit before a socket is opened, which nobody would close after an error. */
function checkLimit({ limit = DEFAULT_MESSAGE_LIMIT }: MessageSocketOptions): void {
  checkInteger("limit", limit, 0, MAX_MESSAGE);
}

/** A connection as a source and sink of bytes, with the end of its sending direction. */
function withoutMessages(connection: Connection, endWrite: () => Promise<void>): ByteSource & ByteSink {
  return {
    read: () => connection.read(),
    release: () => connection.release(),
    write: (bytes) => connection.write(bytes),
    endWrite,
    abort: () => connection.abort(),
    get onEnd() {
      return connection.onEnd;
    },
    set onEnd(onEnd) {
      connection.onEnd = onEnd;
    },
  };
}
