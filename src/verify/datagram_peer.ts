/**
 * A client that sends and receives datagrams.
 *
 * @module
 */
import type { Address } from "../runtime/socket.ts";
import { type Datagram, type DatagramPort, openDatagrams, resolveAddress } from "../transport/datagram.ts";
import type { Patience } from "./patience.ts";

/** Number of times that a datagram is sent: the network may lose it. */
const MAX_ATTEMPTS = 3;
/** Limit of time for an answer, in milliseconds. */
const ANSWER_MS = 1000;

/** Options of {@linkcode DatagramPeer.open}. */
export interface DatagramPeerOptions {
  readonly patience: Patience;
  /** Called when it is closed. */
  readonly left: () => void;
  /** Port of this side. Default: any free one. */
  readonly port?: number;
}

/** One client of the server, over UDP. */
export class DatagramPeer implements AsyncDisposable {
  /** Address of the server. */
  readonly server: Address;
  readonly #port: DatagramPort;
  readonly #failures: unknown[];
  readonly #patience: Patience;
  readonly #left: () => void;
  readonly #reader: ReadableStreamDefaultReader<Datagram>;
  readonly #writer: WritableStreamDefaultWriter<Datagram>;
  /** The next datagram; a wait for it may have ended before it came. */
  #next: Promise<ReadableStreamReadResult<Datagram>> | undefined;

  private constructor(
    server: Address,
    port: DatagramPort,
    failures: unknown[],
    { patience, left }: DatagramPeerOptions,
  ) {
    this.server = server;
    this.#port = port;
    this.#failures = failures;
    this.#patience = patience;
    this.#left = left;
    this.#reader = port.readable.getReader();
    this.#writer = port.writable.getWriter();
  }

  /** Opens a port of the family of the server's address. Throws as `openDatagrams` does. */
  static async open(target: Address, options: DatagramPeerOptions): Promise<DatagramPeer> {
    const server = await resolveAddress(target);
    const failures: unknown[] = [];
    const host = server.address.includes(":") ? "::" : "0.0.0.0";
    const onError = (error: unknown) => void (failures[0] ??= error);
    const port = await openDatagrams({ host, port: options.port, onError });
    return new DatagramPeer(server, port, failures, options);
  }

  /** The first failure to send or to receive. */
  get failure(): unknown {
    return this.#failures[0];
  }

  /** Time that an answer is given, in milliseconds. */
  get limitMs(): number {
    return Math.min(this.#patience.ms, ANSWER_MS);
  }

  /** Sends a datagram to the server. */
  async send(bytes: Uint8Array): Promise<void> {
    await this.#writer.write({ bytes, peer: this.server });
  }

  /** The next datagram, from anybody; undefined: none came in time, or the port is closed. */
  async receive(ms: number = this.limitMs): Promise<Datagram | undefined> {
    this.#next ??= this.#reader.read();
    let timer;
    const limit = new Promise<undefined>((resolve) => timer = setTimeout(() => resolve(undefined), ms));
    const found = await Promise.race([this.#next, limit]);
    clearTimeout(timer);
    if (found === undefined) return undefined;
    this.#next = undefined;
    return found.value;
  }

  /** Sends a datagram and returns the answer, and sends it again where none came. */
  async ask(bytes: Uint8Array): Promise<Datagram | undefined> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS && this.failure === undefined; attempt++) {
      await this.send(bytes);
      const answer = await this.receive();
      if (answer !== undefined) return answer;
    }
    this.#patience.expired();
    return undefined;
  }

  /** Closes the port. */
  close(): void {
    void this.#port.close();
    this.#left();
  }

  /** Closes the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#left();
    await this.#port.close();
  }
}
