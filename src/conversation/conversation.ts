/**
 * Conversations: items sent to a peer and received from it.
 *
 * @module
 */
import { checkInteger } from "../errors.ts";
import type { ByteSink, ByteSource } from "../pipe/bytes.ts";
import type { Stage } from "../stage/stage.ts";
import { Encoding } from "./encoding.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { type Matching, Requests } from "./requests.ts";

/** Decoder and encoder of one connection. */
export interface ItemCodec<I, O = I> {
  /** Decodes the bytes from the peer. */
  readonly decoder: Stage<Uint8Array, I>;
  /** Encodes the items to the peer; it does not wait. */
  readonly encoder: Stage<O, Uint8Array>;
}

/** The options of a {@linkcode Conversation}. */
export interface ConversationOptions<I, O = I> {
  /** Tells which reply belongs to which request. Default: every item is the reply to the earliest pending request. */
  readonly match?: Matching<I, O>;
  /** The most requests without a reply; beyond it a request rejects with `busy`. Default 16,384. */
  readonly maxRequests?: number;
  /**
   * The most items that may wait to be received while requests are pending; beyond it the conversation fails with
   * `busy`. Without pending requests nothing is read before somebody receives. Default 1024.
   */
  readonly maxUnread?: number;
  /** The most bytes that may wait to be sent; beyond it a send rejects with `busy`. Default 16,777,216 (16 MiB). */
  readonly maxPending?: number;
}

/** Options of {@linkcode Conversation.receive} and {@linkcode Conversation.request}. */
export interface WaitOptions {
  /** Gives up when it is aborted: the promise rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** The connection of a conversation. */
export type Conversable = ByteSource & ByteSink & Partial<AsyncDisposable>;

/**
 * A connection whose peers send each other items, in the framing of any codec. What is sent in one turn of the event
 * loop leaves in one write. Items are read only while somebody waits for one: unread ones hold the peer back.
 *
 * A failure of the stream is final: all that waits, and all that follows, rejects with it. An item that the encoder
 * refuses is refused alone.
 *
 * @example Numbers as text, and their squares
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, Conversation, decoder, listen, stage } from "echopipe";
 *
 * const numbers = () => ({
 *   decoder: decoder((read) => read.decimal("\n")),
 *   encoder: stage<number, Uint8Array>((n, out) => out.push(new TextEncoder().encode(`${n}\n`))),
 * });
 * await using listener = await listen({}, async (connection) => {
 *   const peer = new Conversation(connection, numbers());
 *   for await (const n of peer) await peer.send(n * n);
 * });
 * await using peer = new Conversation(await connect({ port: listener.address.port }), numbers());
 * assert.deepEqual(await Promise.all([2, 3, 4].map((n) => peer.request(n))), [4, 9, 16]);
 * ```
 */
export class Conversation<I, O = I> implements AsyncIterable<I>, AsyncDisposable {
  readonly #connection: Conversable;
  readonly #inbox: Inbox<I>;
  readonly #outbox: Outbox<O>;
  readonly #requests: Requests<I, O>;

  /**
   * Begins a conversation over a connection. Nothing else may read or write it meanwhile.
   *
   * @throws {EchopipeError} `in-use` for a codec that serves a stream; `invalid-argument` for a limit out of its range
   */
  constructor(connection: Conversable, codec: ItemCodec<I, O>, options: ConversationOptions<I, O> = {}) {
    const { match, maxRequests = 16_384, maxUnread = 1024, maxPending = 16 * 1024 * 1024 } = options;
    checkInteger("maxRequests", maxRequests, 1, 2 ** 31);
    checkInteger("maxUnread", maxUnread, 0, 2 ** 31);
    checkInteger("maxPending", maxPending, 0, Number.MAX_SAFE_INTEGER);
    this.#connection = connection;
    this.#requests = new Requests<I, O>(maxRequests, match);
    this.#inbox = new Inbox<I>(connection, codec.decoder, this.#requests as Requests<I, never>, maxUnread);
    this.#outbox = new Outbox<O>(
      connection,
      new Encoding(codec.encoder),
      maxPending,
      (reason) => this.#requests.fail(reason),
    );
  }

  /**
   * Sends an item; resolves when the system has accepted it. Until then its bytes must not change. Sends that are not
   * awaited are sent in order; if the connection is lost, all that follows rejects, and nothing is reported as unhandled.
   *
   * @throws {EchopipeError} `busy` while too much is pending; `closed` after the end; what the encoder throws; `reset`,
   * `closed` or `io` if the connection is lost
   */
  send(item: O): Promise<void> {
    try {
      return this.#outbox.send(item);
    } catch (reason) {
      return Promise.reject(reason);
    }
  }

  /**
   * Receives the next item that is no reply; `undefined` when the peer has ended.
   *
   * @throws {EchopipeError} what the decoder throws; `busy` as {@linkcode ConversationOptions.maxUnread} says; `reset`,
   * `closed` or `io` if the connection is lost; the reason of the signal
   */
  async receive({ signal }: WaitOptions = {}): Promise<I | undefined> {
    return await this.#inbox.receive(signal);
  }

  /**
   * Sends a request, and resolves with its reply. One that is given up keeps its place until the reply has come, which
   * is dropped.
   *
   * @throws {EchopipeError} `busy` at the limit of pending requests; `in-use` for an id that is pending; `closed` if the
   * peer ends before the reply; all that {@linkcode Conversation.send} and {@linkcode Conversation.receive} throw
   */
  request(item: O, { signal }: WaitOptions = {}): Promise<I> {
    try {
      signal?.throwIfAborted();
      this.#inbox.throwIfOver();
      const id = this.#requests.check(item);
      this.#outbox.send(item);
      const reply = this.#requests.add(id, signal);
      this.#inbox.readOn();
      return reply;
    } catch (reason) {
      return Promise.reject(reason);
    }
  }

  /** Receives items until the peer ends. Leaving the loop early leaves the conversation as it is. */
  async *[Symbol.asyncIterator](): AsyncGenerator<I, void, void> {
    for (let item; (item = await this.receive()) !== undefined;) yield item;
  }

  /** Ends the sending direction after all items: the peer reads the end of the stream. */
  endWrite(): Promise<void> {
    return this.#outbox.end();
  }

  /** Ends the conversation without losing what was sent, and disposes of the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.endWrite().catch(() => {}); // reported to the senders
    await this.#connection[Symbol.asyncDispose]?.();
  }
}
