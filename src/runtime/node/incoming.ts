/**
 * The receiving direction of a Node socket: turns its events into reads, or passes them to a listener.
 *
 * @module
 */
import type net from "node:net";
import type { EchopipeError } from "../../errors.ts";
import type { ByteListener, Subscription } from "../../pipe/bytes.ts";
import type { SocketState } from "../socket_state.ts";
import type { Address } from "../socket.ts";
import { ReadTurns } from "../read_turns.ts";
import { handleOf } from "./read_handle.ts";

/** Limit of the read-ahead, in bytes: the socket is paused beyond it, which costs more than a read. */
const MAX_AHEAD = 128 * 1024;
/** The least size of a buffer that is freed by hand, in bytes. */
const MIN_FREED = 16 * 1024;
const nothing = Promise.resolve(null);
/**
 * The turns of bulk on this thread. libuv reads up to 2 MiB from each socket before it goes on to the next, and accepts
 * one connection in each turn: without a limit, beside 50 peers that send in bulk, a turn takes 100 ms.
 */
const turns = new ReadTurns(1);

/** The two functions of a pending promise. */
export interface Waiting<T> {
  resolve(value: T | PromiseLike<T>): void;
  reject(reason: unknown): void;
}

/** A listener with the promise of its subscription's end. */
interface Subscriber extends Waiting<void> {
  readonly listener: ByteListener;
  /** The promise that the listener returned last is pending. */
  busy: boolean;
}

/** The socket that the bytes belong to. */
interface Owner {
  readonly remote: Address;
  readonly state: SocketState | undefined;
  /** Makes the error of a failed action. `closed`: the socket was closed at this end. */
  failure(verb: string, closed?: boolean): EchopipeError;
}

/** Receives the bytes of a Node socket. */
export class NodeIncoming {
  /** The socket is not read until its turn comes. */
  #waiting = false;
  readonly #socket: net.Socket;
  readonly #owner: Owner;
  /** Bytes read ahead. */
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #failed = false;
  /** The buffer of the last read, until it is released or the next read begins. */
  #last: Uint8Array | undefined;
  #reader: Waiting<Uint8Array | null> | undefined;
  #subscriber: Subscriber | undefined;

  /** Listens to the events of a connected socket, and pauses it. */
  constructor(socket: net.Socket, owner: Owner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.pause();
  }

  readonly #onData = (bytes: Uint8Array) => this.#came(bytes);
  readonly #onEnd = () => this.#end();

  /** Leaves the socket as it was, with what was read ahead: TLS goes on with it. Returns the read that is pending. */
  detach(): Waiting<Uint8Array | null> | undefined {
    this.#socket.pause();
    this.#socket.off("data", this.#onData).off("end", this.#onEnd);
    for (const bytes of this.#queue.splice(0).reverse()) this.#socket.unshift(bytes);
    return this.#reader;
  }

  #came({ buffer, byteOffset, byteLength }: Uint8Array): void {
    if (turns.isOver(byteLength) && !this.#waiting) this.#waitForTurn();
    // Not a Buffer, whose slice() does not copy: stages get the same type on every runtime.
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    if (this.#subscriber !== undefined && !this.#subscriber.busy) {
      this.#give(this.#subscriber, bytes);
    } else if (this.#reader) {
      this.#owner.state?.received(byteLength);
      this.#last = bytes;
      this.#reader.resolve(bytes);
      this.#reader = undefined;
    } else {
      this.#queue.push(bytes);
      this.#queued += byteLength;
      if (this.#queued > MAX_AHEAD) this.#socket.pause();
    }
  }

  #waitForTurn(): void {
    this.#waiting = true;
    handleOf(this.#socket)?.readStop();
    turns.wait(() => {
      this.#waiting = false;
      if (this.#reader !== undefined || this.#subscriber?.busy === false) this.#awaits();
      handleOf(this.#socket)?.readStart();
    });
  }

  /** Reports that more bytes are awaited. While its turn has not come, a silent socket may have some. */
  #awaits(): void {
    if (this.#owner.state !== undefined) this.#owner.state.reading = !this.#waiting;
  }

  /** Implements {@linkcode Socket.unread}. */
  unread(bytes: Uint8Array): void {
    this.#queue.unshift(bytes);
    this.#queued += bytes.length;
  }

  /** A read or a subscription is pending. */
  get busy(): boolean {
    return this.#reader !== undefined || this.#subscriber !== undefined;
  }

  /** Implements {@linkcode Socket.read}. */
  read(): Promise<Uint8Array | null> {
    this.#last = undefined;
    if (this.#queue.length > 0) {
      const bytes = this.#last = this.#dequeue();
      this.#owner.state?.received(bytes.length);
      return Promise.resolve(bytes);
    }
    if (this.#ended) {
      this.#owner.state?.readEnded();
      return nothing;
    }
    if (this.#failed) return Promise.reject(this.#owner.failure("receive from"));
    if (this.#socket.isPaused()) this.#socket.resume();
    this.#awaits();
    return new Promise(this.#await);
  }

  /** Stores the functions of a read's promise, at half the cost of `Promise.withResolvers`. */
  readonly #await = (resolve: Waiting<Uint8Array | null>["resolve"], reject: (reason: unknown) => void) => {
    this.#reader = { resolve, reject };
  };

  /** Implements {@linkcode Socket.subscribe}. */
  subscribe(listener: ByteListener): Subscription {
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    const subscriber = this.#subscriber = { listener, busy: false, resolve, reject };
    this.#awaits();
    queueMicrotask(() => this.#giveOn());
    return {
      ended,
      cancel: () => {
        if (this.#subscriber === subscriber) this.#subscriber = undefined;
      },
    };
  }

  /** Fails the pending read and the subscription, with an error from the owner. */
  fail(closed: boolean): void {
    this.#failed = true;
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(this.#owner.failure("receive from", closed));
    this.#giveOn(closed);
  }

  #end(): void {
    this.#ended = true;
    if (this.#owner.state !== undefined) this.#owner.state.peerEnded = true;
    if (this.#reader) this.#owner.state?.readEnded();
    this.#reader?.resolve(null);
    this.#reader = undefined;
    this.#giveOn();
  }

  /** Passes queued bytes to the subscriber, then resumes the socket or ends the subscription. */
  #giveOn(closed?: boolean): void {
    const subscriber = this.#subscriber;
    if (subscriber === undefined) return;
    while (!subscriber.busy && this.#subscriber === subscriber && this.#queue.length > 0) {
      this.#give(subscriber, this.#dequeue());
    }
    if (subscriber.busy || this.#subscriber !== subscriber) return;
    if (!this.#ended && !this.#failed) {
      if (this.#socket.isPaused()) this.#socket.resume();
      return;
    }
    this.#subscriber = undefined;
    if (this.#ended) {
      this.#owner.state?.readEnded();
      subscriber.resolve();
    } else {
      subscriber.reject(this.#owner.failure("receive from", closed));
    }
  }

  #give(subscriber: Subscriber, bytes: Uint8Array): void {
    this.#owner.state?.received(bytes.length);
    this.#last = bytes;
    try {
      const pending = subscriber.listener(bytes);
      if (pending === undefined) return this.#given();
      subscriber.busy = true;
      pending.then(() => {
        subscriber.busy = false;
        if (this.#subscriber !== subscriber) return;
        this.#given();
        this.#giveOn();
      }, (reason) => this.#giveUp(subscriber, reason));
    } catch (reason) {
      this.#giveUp(subscriber, reason);
    }
  }

  /** Marks the subscriber as waiting for more bytes. */
  #given(): void {
    this.#last = undefined;
    this.#awaits();
  }

  /** Ends the subscription of a listener that failed. */
  #giveUp(subscriber: Subscriber, reason: unknown): void {
    if (this.#subscriber === subscriber) this.#subscriber = undefined;
    subscriber.reject(reason);
  }

  #dequeue(): Uint8Array {
    const bytes = this.#queue.shift()!;
    this.#queued -= bytes.length;
    return bytes;
  }

  /**
   * Implements {@linkcode Socket.release}. Node allocates a new buffer for each read. Large ones are freed by hand, so
   * that the next read gets the same memory, which is still in the processor's cache. Garbage would be returned to the
   * system, and had to be mapped and zeroed again.
   */
  release(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last !== undefined && last.byteLength >= MIN_FREED && last.byteLength === last.buffer.byteLength) {
      (last.buffer as ArrayBuffer).transfer(0);
    }
  }
}
