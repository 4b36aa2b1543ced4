/**
 * What comes on a socket of Node: its events as reads, or given to whom they are fed.
 *
 * @module
 */
import type net from "node:net";
import type { EchopipeError } from "../../errors.ts";
import type { Feed, Take } from "../../pipe/byte_streams.ts";
import type { Meter } from "../socket_state.ts";
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

/** Who is given what comes, and waits for its end. */
interface Fed extends Waiting<void> {
  readonly take: Take;
  /** It is not done with what it was given last. */
  busy: boolean;
}

/** Whose bytes they are. */
interface Owner {
  readonly remote: Address;
  readonly meter: Meter | undefined;
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
  #fed: Fed | undefined;

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
    if (this.#fed !== undefined && !this.#fed.busy) {
      this.#give(this.#fed, bytes);
    } else if (this.#reader) {
      this.#owner.meter?.received(byteLength);
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
      this.#owner.meter?.received(bytes.length);
      return Promise.resolve(bytes);
    }
    if (this.#ended) {
      this.#owner.meter?.readEnded();
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

  /** As {@linkcode Socket.feed}. */
  feed(take: Take): Feed {
    const { promise: over, resolve, reject } = Promise.withResolvers<void>();
    const fed = this.#fed = { take, busy: false, resolve, reject };
    queueMicrotask(() => this.#feedOn());
    return {
      over,
      leave: () => {
        if (this.#fed === fed) this.#fed = undefined;
      },
    };
  }

  /** Nothing more comes, for the reason its owner knows. */
  fail(closed: boolean): void {
    this.#failed = true;
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.reject(this.#owner.failure("receive from", closed));
    this.#feedOn(closed);
  }

  #end(): void {
    this.#ended = true;
    if (this.#reader) this.#owner.meter?.readEnded();
    this.#reader?.resolve(null);
    this.#reader = undefined;
    this.#feedOn();
  }

  /** Gives what waits, then asks for more, or ends. */
  #feedOn(closed?: boolean): void {
    const fed = this.#fed;
    if (fed === undefined) return;
    while (!fed.busy && this.#fed === fed && this.#queue.length > 0) this.#give(fed, this.#dequeue());
    if (fed.busy || this.#fed !== fed) return;
    if (!this.#ended && !this.#failed) {
      if (this.#socket.isPaused()) this.#socket.resume();
      return;
    }
    this.#fed = undefined;
    if (this.#ended) {
      this.#owner.meter?.readEnded();
      fed.resolve();
    } else {
      fed.reject(this.#owner.failure("receive from", closed));
    }
  }

  #give(fed: Fed, bytes: Uint8Array): void {
    this.#owner.meter?.received(bytes.length);
    this.#last = bytes;
    try {
      const pending = fed.take(bytes);
      if (pending === undefined) {
        this.#last = undefined;
        return;
      }
      fed.busy = true;
      pending.then(() => {
        fed.busy = false;
        if (this.#fed !== fed) return;
        this.#last = undefined;
        this.#feedOn();
      }, (reason) => this.#giveUp(fed, reason));
    } catch (reason) {
      this.#giveUp(fed, reason);
    }
  }

  /** What is fed has failed: nothing more is for it. */
  #giveUp(fed: Fed, reason: unknown): void {
    if (this.#fed === fed) this.#fed = undefined;
    fed.reject(reason);
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
