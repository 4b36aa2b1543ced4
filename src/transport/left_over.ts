/**
 * Bytes that one reader of a connection leaves for the next.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Address, formatAddress } from "../runtime/socket.ts";

/** The error of an action that has to wait for a pending read. */
export function inUse(verb: string, peer: Address): EchopipeError {
  return new EchopipeError("in-use", `Cannot ${verb} ${formatAddress(peer)}: a read is pending`);
}

/** The error of TLS after bytes that nobody has read. */
export function beforeTls(peer: Address): EchopipeError {
  return new EchopipeError("protocol", `Cannot start TLS with ${formatAddress(peer)}: bytes came before it`);
}

/** Bytes that were put back, and a read that is pending although its reader has left. */
export class LeftOver {
  readonly #bytes: Uint8Array[] = [];
  #read: Promise<Uint8Array | null> | undefined;

  /** True where there are bytes, or the read that was left has ended. `pending`: a read of the socket is pending. */
  holds(pending: boolean): boolean {
    return this.#bytes.length > 0 || this.#read !== undefined && !pending;
  }

  /** True where nothing was left. */
  get isEmpty(): boolean {
    return this.#bytes.length === 0 && this.#read === undefined;
  }

  /** True while a read was left behind. */
  get hasRead(): boolean {
    return this.#read !== undefined;
  }

  /** Puts a copy of bytes back, in front of all others. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#bytes.unshift(new Uint8Array(bytes)); // of a Buffer, slice() makes no copy
  }

  /** Leaves a read that is pending. */
  leave(read: Promise<Uint8Array | null> | undefined): void {
    this.#read = read;
  }

  /** Takes the next bytes. */
  takeBytes(): Uint8Array | undefined {
    return this.#bytes.shift();
  }

  /** Takes the read. */
  takeRead(): Promise<Uint8Array | null> | undefined {
    const read = this.#read;
    this.#read = undefined;
    return read;
  }
}
