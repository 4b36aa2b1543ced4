/**
 * A client's connection that notices a server that speaks TLS to it.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { ByteListener, Subscription } from "../pipe/bytes.ts";
import { formatAddress } from "../runtime/socket.ts";
import { Connection } from "../transport/connection.ts";

/** The size of an alert of TLS, in bytes: a header of 5, level and description. */
const ALERT_SIZE = 7;

/** Tells an alert of TLS (RFC 8446, 5.1 and 6), with which a TLS server answers plain text. */
export function isTlsAlert(bytes: Uint8Array): boolean {
  const [type, major, minor, high, low] = bytes;
  return bytes.length === ALERT_SIZE && type === 21 && major === 3 && minor <= 4 && high === 0 && low === 2;
}

/** A plain connection whose first bytes are looked at: an alert of TLS is a failure of code `tls`. */
export class ClientConnection extends Connection {
  #looked = false;

  override read(): Promise<Uint8Array | null> {
    return this.#looked ? super.read() : super.read().then(this.#look);
  }

  override get subscribe(): ((listener: ByteListener) => Subscription) | undefined {
    const subscribe = super.subscribe;
    if (subscribe === undefined || this.#looked) return subscribe;
    return (listener) => subscribe((bytes) => listener(this.#looked ? bytes : this.#look(bytes)));
  }

  readonly #look = <T extends Uint8Array | null>(bytes: T): T => {
    this.#looked = true;
    if (this.tls !== undefined || bytes === null || !isTlsAlert(bytes)) return bytes;
    throw new EchopipeError("tls", `Cannot talk to ${formatAddress(this.remote)}: it speaks TLS; expected --tls`);
  };
}
