/**
 * A network of datagrams in virtual time, which loses, doubles and reorders as it is told.
 */
import type { Datagram, DatagramPort } from "../../../src/transport/datagram.ts";
import { type Address, formatAddress } from "../../../src/runtime/socket.ts";
import type { Environment } from "../../../src/chat/environment.ts";
import { VirtualClock } from "echopipe/testing";

/** When copies of a datagram arrive, in milliseconds from now: none, one or several. */
export type Route = (datagram: Datagram, from: Address) => readonly number[];

export interface Sent {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

export class Network {
  readonly clock = new VirtualClock();
  readonly random: () => number;
  route: Route = () => [10];
  /** Called with each datagram that is sent. */
  watch: (sent: Sent) => void = () => {};
  /** What was asked of the random source in pieces of 32 bytes: secrets and private keys, with which tests listen in. */
  readonly secrets: Uint8Array[] = [];
  readonly #ports = new Map<string, (datagram: Datagram) => void>();

  constructor(seed = 1) {
    this.random = generator(seed);
  }

  get environment(): Environment {
    return {
      clock: this.clock,
      random: (size) => {
        const bytes = Uint8Array.from({ length: size }, () => Math.floor(this.random() * 256));
        if (size === 32) this.secrets.push(bytes);
        return bytes;
      },
    };
  }

  /** Loses 20 %, doubles 10 %, and lets everything take up to 200 ms. */
  lossy: Route = () => {
    const time = () => Math.floor(this.random() * 20) * 10;
    if (this.random() < 0.2) return [];
    return this.random() < 0.1 ? [time(), time()] : [time()];
  };

  port(port: number, address = "127.0.0.1"): TestPort {
    return new TestPort(this, { address, port });
  }

  attach(address: Address, take: (datagram: Datagram) => void): void {
    this.#ports.set(formatAddress(address), take);
  }

  detach(address: Address): void {
    this.#ports.delete(formatAddress(address));
  }

  send(datagram: Datagram, from: Address): void {
    const bytes = datagram.bytes.slice(); // what the route does to it, it does to this copy
    this.watch({ from: formatAddress(from), to: formatAddress(datagram.peer), bytes });
    for (const delay of this.route({ bytes, peer: datagram.peer }, from)) {
      this.clock.timer(delay, () => this.#ports.get(formatAddress(datagram.peer))?.({ bytes, peer: from }));
    }
  }
}

export class TestPort implements DatagramPort {
  address: Address;
  readonly readable: ReadableStream<Datagram>;
  readonly writable: WritableStream<Datagram>;
  dropped = 0;
  readonly #network: Network;
  #in!: ReadableStreamDefaultController<Datagram>;
  #closed = false;

  constructor(network: Network, address: Address) {
    this.#network = network;
    this.address = address;
    this.readable = new ReadableStream<Datagram>({
      start: (controller) => void (this.#in = controller),
      cancel: () => this.close(),
    }, { highWaterMark: 1024 });
    this.writable = new WritableStream<Datagram>({
      write: (datagram) => {
        if (!this.#closed) network.send(datagram, this.address);
      },
    });
    this.#attach();
  }

  /** What comes goes here, as if it came over the network. */
  take(datagram: Datagram): void {
    if (this.#closed) return;
    if ((this.#in.desiredSize ?? 0) > 0) this.#in.enqueue(datagram);
    else this.dropped++;
  }

  /** From now on this end has another address, as behind a NAT that has forgotten it. */
  move(address: Address): void {
    this.#network.detach(this.address);
    this.address = address;
    this.#attach();
  }

  /** The network no longer leads here, and nothing leaves: as if the process were killed. */
  kill(): void {
    this.#network.detach(this.address);
    this.#closed = true;
  }

  close(): Promise<void> {
    if (!this.#closed) {
      this.kill();
      this.#in.close();
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #attach(): void {
    this.#network.attach(this.address, (datagram) => this.take(datagram));
  }
}

/** Random numbers from 0 to 1, the same for the same seed (Lehmer, with the multiplier of Park and Miller, 1993). */
export function generator(seed: number): () => number {
  const modulus = 2 ** 31 - 1;
  let state = seed % modulus || 1;
  return () => (state = state * 48_271 % modulus) / modulus;
}
