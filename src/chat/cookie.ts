/**
 * Cookies: they prove that who asks receives what is sent to its address. The server keeps nothing for them.
 *
 * ```text
 * cookie    seconds since 1970 (4) | first 16 bytes of HMAC-SHA256(secret, "cookie" seconds nonce ADDRESS:PORT)
 * ```
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type Address, formatAddress } from "../runtime/socket.ts";
import { concat, numberField } from "./bytes.ts";
import type { Surroundings } from "./surroundings.ts";
import { COOKIE, PATH_TOKEN } from "./wire.ts";

/** How long a cookie is good, in seconds. */
export const COOKIE_SECONDS = 30;

/** Makes and checks cookies, with a secret of its own. */
export class Cookies {
  readonly #secret: Uint8Array;
  readonly #now: () => number;

  constructor({ clock, random }: Surroundings) {
    this.#secret = random(32).slice();
    this.#now = () => clock.now();
  }

  /** A cookie for that address and nonce. */
  make(peer: Address, nonce: Uint8Array): Uint8Array {
    return this.#make(Math.floor(this.#now() / 1000), peer, nonce);
  }

  /** Whether it is a cookie for that address and nonce, and still good. */
  check(cookie: Uint8Array, peer: Address, nonce: Uint8Array): boolean {
    const made = new DataView(cookie.buffer, cookie.byteOffset, 4).getUint32(0);
    const age = Math.floor(this.#now() / 1000) - made;
    return age >= 0 && age <= COOKIE_SECONDS && timingSafeEqual(this.#make(made, peer, nonce), cookie);
  }

  /** What a session's new address has to send back before the session moves there. */
  pathToken(peer: Address, session: Uint8Array): Uint8Array {
    return this.#hash("path", session, peer).subarray(0, PATH_TOKEN);
  }

  #make(seconds: number, peer: Address, nonce: Uint8Array): Uint8Array {
    const time = numberField(seconds, 4);
    return concat(time, this.#hash("cookie", concat(time, nonce), peer).subarray(0, COOKIE - 4));
  }

  #hash(label: string, fields: Uint8Array, peer: Address): Uint8Array {
    return createHmac("sha256", this.#secret).update(label).update(fields).update(formatAddress(peer)).digest();
  }
}
