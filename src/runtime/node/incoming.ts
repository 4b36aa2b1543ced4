/**
 * What comes on a socket of Node: its events as reads, or given to a listener.
 *
 * @module
 */
import type net from "node:net";
import type { EchopipeError } from "../../errors.ts";
import type { ByteListener, Subscription } from "../../pipe/bytes.ts";
import type { SocketState } from "../socket_state.ts";
import type { Address } from "../socket.ts";

/** How far the system is read ahead of the consumer, in bytes: pausing costs more than a read. */
const MAX_AHEAD = 128 * 1024;
/** What is worth freeing by hand, in bytes. */
const MIN_FREED = 16 * 1024;
const nothing = Promise.resolve(null);

/** Who waits for something. */
export interface Waiting<T> {
  resolve(value: T | PromiseLike<T>): void;
  reject(reason: unknown): void;
}

/** A listener, which waits for the end. */
interface Subscriber extends Waiting<void> {
  readonly listener: ByteListener;
  /** It is not done with what it was given last. */
  busy: boolean;
}

/** Whose bytes they are. */
interface Owner {
  readonly remote: Address;
  readonly state: SocketState | undefined;
  /** Why it cannot do what it was asked, in words; `closed`: because it was closed at this end. */
  failure(verb: string, closed?: boolean): EchopipeError;
}

/** The reading half of a socket of Node. */
export class NodeIncoming {
  readonly #socket: net.Socket;
  readonly #owner: Owner;
  /** Came, but nobody has taken it yet: beyond {@linkcode MAX_AHEAD} the socket is paused. */
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #ended = false;
  #failed = false;
  /** What was last given away, until it is known to be kept or released. */
  #last: Uint8Array | undefined;
  #reader: Waiting<Uint8Array | null> | undefined;
  #subscriber: Subscriber | undefined;

  /** Takes the data of a connected socket, which it pauses. */
  constructor(socket: net.Socket, owner: Owner) {
    this.#socket = socket;
    this.#owner = owner;
    socket.on("data", (bytes: Uint8Array) => this.#came(bytes));
    socket.on("end", () => this.#end());
    socket.pause();
  }

  #came({ buffer, byteOffset, byteLength }: Uint8Array): void {
    // Not a Buffer, whose slice is no copy: what stages see is the same on every runtime.
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

  /** As {@linkcode Socket.read}. */
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
    return new Promise(this.#await);
  }

  /** Half the price of `Promise.withResolvers`, once for each read. */
  readonly #await = (resolve: Waiting<Uint8Array | null>["resolve"], reject: (reason: unknown) => void) => {
    this.#reader = { resolve, reject };
  };

  /** As {@linkcode Socket.subscribe}. */
  subscribe(listener: ByteListener): Subscription {
    const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
    const subscriber = this.#subscriber = { listener, busy: false, resolve, reject };
    if (this.#owner.state !== undefined) this.#owner.state.reading = true;
    queueMicrotask(() => this.#giveOn());
    return {
      ended,
      cancel: () => {
        if (this.#subscriber === subscriber) this.#subscriber = undefined;
      },
    };
  }

  /** Nothing more comes, for the reason its owner knows. */
  fail(closed: boolean): void {
    this.#failed = true;
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(this.#owner.failure("receive from", closed));
    this.#giveOn(closed);
  }

  #end(): void {
    this.#ended = true;
    if (this.#reader) this.#owner.state?.readEnded();
    this.#reader?.resolve(null);
    this.#reader = undefined;
    this.#giveOn();
  }

  /** Gives what waits, then asks for more, or ends. */
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

  /** The listener waits for more. */
  #given(): void {
    this.#last = undefined;
    if (this.#owner.state !== undefined) this.#owner.state.reading = true;
  }

  /** The listener has failed: nothing more is for it. */
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
   * Node reads into fresh memory each time. What is large is freed by hand: the next read gets the same memory, still in
   * the processor's cache, where garbage would pile up, go back to the system, and be mapped and zeroed for other reads.
   */
  release(): void {
    const last = this.#last;
    this.#last = undefined;
    if (last !== undefined && last.byteLength >= MIN_FREED && last.byteLength === last.buffer.byteLength) {
      (last.buffer as ArrayBuffer).transfer(0);
    }
  }
}
