/**
 * State of a socket: its halves and its counters.
 *
 * @module
 */

/** Counters of a connection. */
export interface Traffic {
  /** Bytes received from the peer. */
  received: number;
  /** Bytes sent to the peer. */
  sent: number;
  /** Reads that brought bytes. */
  reads: number;
  /** Writes that sent bytes. */
  writes: number;
}

/** Reads that brought bytes, of all sockets of this thread. */
let reads = 0;

/** Reads that brought bytes, of all sockets of this thread. */
export function readsOfAll(): number {
  return reads;
}

/** State of the two halves of one socket, which reports to it, and its counters: closes the socket when both are done. */
export class SocketState {
  /** What passed so far. */
  readonly traffic: Traffic = { received: 0, sent: 0, reads: 0, writes: 0 };
  /** Called after each read and write that passed bytes, while it is set. */
  watch: (() => void) | undefined;
  /** A read is pending, or a listener waits for bytes. */
  reading = false;
  /** The peer's end of stream has come, or the socket was closed. */
  readDone = false;
  /** The sending direction was ended, or the socket was closed. */
  writeDone = false;
  /** The socket was closed. */
  isClosed = false;
  readonly #socket: { close(): void };
  /** Made when it is first asked for. */
  #closed: PromiseWithResolvers<void> | undefined;

  /** Counts for that socket. */
  constructor(socket: { close(): void }) {
    this.#socket = socket;
  }

  /** Resolves when the socket was closed; never rejects. */
  get closed(): Promise<void> {
    this.#closed ??= Promise.withResolvers();
    if (this.isClosed) this.#closed.resolve();
    return this.#closed.promise;
  }

  /** A read brought bytes. */
  received(bytes: number): void {
    reads++;
    this.reading = false;
    this.traffic.received += bytes;
    this.traffic.reads++;
    if (this.watch !== undefined) this.watch();
  }

  /** A write sent bytes. */
  sent(bytes: number): void {
    this.traffic.sent += bytes;
    this.traffic.writes++;
    if (this.watch !== undefined) this.watch();
  }

  /** The peer's end of stream has come. */
  readEnded(): void {
    this.reading = false;
    this.readDone = true;
    if (this.writeDone) this.close();
  }

  /** The sending direction was ended. */
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
}
