/**
 * State of a socket: its two directions and its counters.
 *
 * @module
 */

/** Counters of a connection. */
export interface Traffic {
  /** Bytes received from the peer. */
  received: number;
  /** Bytes sent to the peer. */
  sent: number;
  /** Number of reads that returned bytes. */
  reads: number;
  /** Number of writes that sent bytes. */
  writes: number;
}

/** Number of reads that returned bytes, of all sockets of this thread. */
let reads = 0;

/** Number of reads that returned bytes, of all sockets of this thread. */
export function readsOfAll(): number {
  return reads;
}

/**
 * State of the two directions of one socket, and its counters. The socket reports to it; it closes the socket when both
 * directions have ended.
 */
export class SocketState {
  /** Counters so far. */
  readonly traffic: Traffic = { received: 0, sent: 0, reads: 0, writes: 0 };
  /** Called after each read and write of bytes, while it is set. */
  watch: (() => void) | undefined;
  /** A read is pending, or a subscription waits for bytes. */
  reading = false;
  /** The peer has ended its stream, or the socket was closed. */
  readDone = false;
  /** The peer has ended its stream, whether that was read yet or not. */
  peerEnded = false;
  /** The socket has failed, whether that was read yet or not. */
  failed = false;
  /** The sending direction was ended, or the socket was closed. */
  writeDone = false;
  /** The socket was closed. */
  isClosed = false;
  readonly #socket: { close(): void; reset?(): void };
  /** Made on demand. */
  #closed: PromiseWithResolvers<void> | undefined;

  /** Makes the state of a socket. */
  constructor(socket: { close(): void; reset?(): void }) {
    this.#socket = socket;
  }

  /** Resolves when the socket was closed; never rejects. */
  get closed(): Promise<void> {
    this.#closed ??= Promise.withResolvers();
    if (this.isClosed) this.#closed.resolve();
    return this.#closed.promise;
  }

  /** Reports a read of bytes. */
  received(bytes: number): void {
    reads++;
    this.reading = false;
    this.traffic.received += bytes;
    this.traffic.reads++;
    if (this.watch !== undefined) this.watch();
  }

  /** Reports a write of bytes. */
  sent(bytes: number): void {
    this.traffic.sent += bytes;
    this.traffic.writes++;
    if (this.watch !== undefined) this.watch();
  }

  /** Reports the peer's end of stream. */
  readEnded(): void {
    this.reading = false;
    this.readDone = this.peerEnded = true;
    if (this.writeDone) this.close();
  }

  /** Reports the end of the sending direction. */
  writeEnded(): void {
    this.writeDone = true;
    if (this.readDone) this.close();
  }

  /** Closes the socket, in both directions at once. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = this.readDone = this.writeDone = true;
    this.#socket.close();
    this.#closed?.resolve();
  }

  /** Resets the socket: closes it so that the peer sees a failure. */
  reset(): void {
    if (this.isClosed) return;
    this.#socket.reset?.();
    this.close();
  }
}
