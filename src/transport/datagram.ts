/**
 * Datagrams as streams, over `node:dgram`, which both runtimes have.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { checkInteger, EchopipeError, messageOf } from "../errors.ts";
import { type Address, formatAddress } from "../runtime/socket.ts";
import { systemError } from "../runtime/system_error.ts";
import { checkKnown } from "./check_options.ts";

/** Limit of received datagrams that wait to be read. Further ones are dropped, as the network does. */
const MAX_WAITING = 1024;

/** The names of the options. */
const known = ["host", "port", "reuseAddress", "multicastTtl", "multicastLoopback", "signal", "onError"];

/** A datagram from a peer or to it. */
export interface Datagram {
  /** Payload. */
  readonly bytes: Uint8Array;
  /** Address of the peer. */
  readonly peer: Address;
}

/** An open port for datagrams. */
export interface DatagramPort extends AsyncDisposable {
  /** Address of this end. */
  readonly address: Address;
  /** Received datagrams, from all peers. Ends when the port is closed. */
  readonly readable: ReadableStream<Datagram>;
  /**
   * Datagrams to send. One that cannot be sent is reported and dropped, so that one peer's failure affects no other.
   */
  readonly writable: WritableStream<Datagram>;
  /** Number of received datagrams that were dropped because too many waited to be read. */
  readonly dropped: number;
  /** Closes the port; resolves when it is free again. */
  close(): Promise<void>;
}

/** An open port for datagrams that can join multicast groups. */
export interface MulticastPort extends DatagramPort {
  /**
   * Joins a multicast group (RFC 1112, RFC 4291): its datagrams are received, too. `interfaceAddress`: the address of the
   * network interface. Default: the system chooses.
   *
   * @throws {EchopipeError} `invalid-argument` for an address that is no group, or of the other family; `io`
   */
  join(group: string, interfaceAddress?: string): void;
  /** Leaves a multicast group. Throws as `join` does. */
  leave(group: string, interfaceAddress?: string): void;
}

/** Options of {@linkcode openDatagrams}. */
export interface DatagramOptions {
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** The port; 0: any free one. Default 0. */
  readonly port?: number;
  /** Lets several ports of this machine use the same address and port, as receivers of multicast do. Default false. */
  readonly reuseAddress?: boolean;
  /** Number of networks that a multicast datagram may pass, 0 to 255. Default 1: the local one. */
  readonly multicastTtl?: number;
  /** Sends own multicast datagrams to receivers on this machine, too. Default true. */
  readonly multicastLoopback?: boolean;
  /** Closes the port when it is aborted. */
  readonly signal?: AbortSignal;
  /** Called with each failure to send or receive. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Opens a port for datagrams.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { openDatagrams } from "echopipe";
 *
 * await using a = await openDatagrams();
 * await using b = await openDatagrams();
 * const writer = a.writable.getWriter();
 * await writer.write({ bytes: new TextEncoder().encode("hello"), peer: b.address });
 * const { value } = await b.readable.getReader().read();
 * assert.equal(new TextDecoder().decode(value?.bytes), "hello");
 * assert.equal(value?.peer.port, a.address.port);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument`, `address-in-use`, `address-not-available`, `host-not-found`, `permission` or
 * `io`; the signal's reason if it is aborted already
 */
export async function openDatagrams(options: DatagramOptions = {}): Promise<MulticastPort> {
  checkKnown("open a port for datagrams", options, known);
  const { host = "127.0.0.1", onError = console.error, signal, reuseAddress = false } = options;
  const port = checkInteger("port", options.port ?? 0, 0, 65535);
  const ttl = checkInteger("multicastTtl", options.multicastTtl ?? 1, 0, 255);
  signal?.throwIfAborted();
  const local = await resolveAddress({ address: host, port });
  const socket = createSocket({ type: isIP(local.address) === 6 ? "udp6" : "udp4", reuseAddr: reuseAddress });
  await new Promise<void>((resolve, reject) => {
    const attempt = `Cannot listen for datagrams on ${formatAddress(local)}`;
    const fail = (error: unknown) => {
      socket.close();
      reject(systemError(attempt, error));
    };
    socket.once("error", fail);
    try {
      socket.bind({ address: local.address, port }, () => {
        socket.removeListener("error", fail);
        resolve();
      });
    } catch (error) {
      fail(error);
    }
  });
  const { address, port: bound } = socket.address();
  try {
    socket.setMulticastTTL(ttl);
    socket.setMulticastLoopback(options.multicastLoopback ?? true);
  } catch (error) {
    // A system without multicast can do everything else.
    if (options.multicastTtl !== undefined || options.multicastLoopback !== undefined) {
      socket.close();
      throw systemError(`Cannot set up multicast on ${formatAddress({ address, port: bound })}`, error);
    }
  }
  let dropped = 0;
  let closed: Promise<void> | undefined;
  let reading!: ReadableStreamDefaultController<Datagram>;
  const readable = new ReadableStream<Datagram>({
    start: (controller) => void (reading = controller),
    cancel: () => close(),
  }, { highWaterMark: MAX_WAITING });
  const close = (): Promise<void> =>
    closed ??= new Promise<void>((resolve) => {
      signal?.removeEventListener("abort", close);
      try {
        reading.close();
      } catch {
        // It was cancelled, which closes the port.
      }
      socket.close(() => resolve());
    });
  if (signal?.aborted) await close();
  else signal?.addEventListener("abort", close, { once: true });
  socket.on("message", (bytes, { address, port }) => {
    if (closed !== undefined) return;
    if ((reading.desiredSize ?? 0) <= 0) dropped++;
    else reading.enqueue({ bytes, peer: { address, port } });
  });
  socket.on(
    "error",
    (error) => onError(systemError(`Cannot receive on ${formatAddress({ address, port: bound })}`, error)),
  );
  const send = ({ bytes, peer }: Datagram) =>
    new Promise<void>((resolve) => {
      const done = (error: unknown) => {
        if (error && closed === undefined) onError(systemError(`Cannot send to ${formatAddress(peer)}`, error));
        resolve();
      };
      if (closed !== undefined) return resolve();
      try {
        socket.send(bytes, peer.port, peer.address, done);
      } catch (error) {
        done(error);
      }
    });
  return {
    address: { address, port: bound },
    readable,
    writable: new WritableStream<Datagram>({ write: send, close: () => close(), abort: () => close() }),
    get dropped() {
      return dropped;
    },
    join: (group, on) => changeGroup("join", group, address, () => socket.addMembership(group, on)),
    leave: (group, on) => changeGroup("leave", group, address, () => socket.dropMembership(group, on)),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

/** Joins or leaves a multicast group. */
function changeGroup(verb: string, group: string, own: string, change: () => void): void {
  const family = isIP(own);
  const isGroup = family === 4 ? /^2(2[4-9]|3\d)\./.test(group) : /^ff/i.test(group);
  if (isIP(group) !== family || !isGroup) {
    const message = `Cannot ${verb} the group "${group}": expected an IPv${family} multicast address`;
    throw new EchopipeError("invalid-argument", message);
  }
  try {
    change();
  } catch (error) {
    throw systemError(`Cannot ${verb} the group ${group}`, error);
  }
}

/**
 * Resolves a host name, to an IPv4 address if it has one. An address is returned in its usual spelling.
 *
 * @throws {EchopipeError} `host-not-found` or `io`
 */
export async function resolveAddress({ address, port }: Address): Promise<Address> {
  if (isIP(address)) return { address: spelled(address), port };
  try {
    const found = await lookup(address, { all: true });
    return { address: (found.find(({ family }) => family === 4) ?? found[0]).address, port };
  } catch (error) {
    const attempt = `Cannot find ${JSON.stringify(address)}`;
    throw systemError(attempt, /ENOTFOUND|EAI_/.test(messageOf(error)) ? { code: "ENOTFOUND" } : error);
  }
}

/** An address as the system spells it where datagrams come from (RFC 5952). */
function spelled(address: string): string {
  if (isIP(address) === 4 || address.includes("%")) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
