/**
 * Reading ahead of a reader that does not read.
 *
 * @module
 */

/** Limit of the bytes that are read ahead. */
const MAX_AHEAD = 64 * 1024;

/** The reading direction of a socket. */
interface Source {
  read(): Promise<Uint8Array | null>;
}

/**
 * Reads a socket that nobody reads, up to 64 KiB, so that the peer's end or reset is noticed: the system tells of it behind
 * the bytes before. What was read is what later reads return.
 */
export class ReadAhead implements Source {
  readonly #socket: Source;
  readonly #reads: Promise<Uint8Array | null>[] = [];
  #filling: Promise<void>;
  #full = false;
  /** Number of pending reads of the reader. */
  #pending = 0;

  /** Begins to read ahead. No read of the socket may be pending. */
  constructor(socket: Source) {
    this.#socket = socket;
    this.#filling = this.#fill().finally(() => this.#full = true);
  }

  /** True once everything that was read ahead is taken. */
  get isDone(): boolean {
    return this.#full && this.#reads.length === 0;
  }

  /** True where bytes or the end were read that nobody has taken. `pending`: a read of the socket is pending. */
  holds(pending: boolean): boolean {
    return this.#reads.length > (pending ? 1 : 0);
  }

  /** A read of the reader is pending. */
  get busy(): boolean {
    return this.#pending > 0;
  }

  /** Returns what was read ahead, then what the socket returns. */
  async read(): Promise<Uint8Array | null> {
    this.#pending++;
    try {
      if (this.#reads.length === 0) await this.#filling; // one read of the socket at a time
      const reading = this.#reads.shift();
      return await (reading ?? this.#socket.read());
    } finally {
      this.#pending--;
    }
  }

  async #fill(): Promise<void> {
    for (let ahead = 0; ahead < MAX_AHEAD;) {
      const reading = this.#socket.read();
      this.#reads.push(reading);
      const bytes = await reading.catch(() => null); // a failure is for the reader
      if (bytes === null) return;
      ahead += bytes.length;
    }
  }
}
