/**
 * Joining: the client's side, and the server's cookies and answers.
 *
 * ```text
 * hello --challenge--> join --accept--> done
 *   ^                   |  \--refuse--> done
 *   +--- cookie old ----+
 *
 * cookie    seconds since 1970 (4) | first 16 bytes of HMAC-SHA256(secret, "cookie" seconds nonce ADDRESS:PORT)
 * ```
 *
 * A cookie proves that the client receives what is sent to its address. The server keeps nothing for it.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type Address, formatAddress } from "../../runtime/socket.ts";
import { type Environment, spread } from "../environment.ts";
import type { RefuseReason } from "../room/events.ts";
import { PATH_TOKEN } from "./bodies.ts";
import {
  COOKIE,
  encodeAccept,
  encodeHello,
  encodeJoin,
  type Greeting,
  NONCE,
  type Packet,
  SESSION,
} from "./datagrams.ts";
import { concat, numberField } from "./fields.ts";
import { agree, type KeyPair, keyPair, open, seal, type SessionKeys } from "./keys.ts";

/** The first wait for an answer, and the longest, in milliseconds. */
const WAIT_FIRST_MS = 500;
const MAX_WAIT_MS = 8000;
/** Time for which a client uses a cookie, in milliseconds: the server takes it for 30 s. */
const COOKIE_MS = 20_000;

/** Result of a handshake. */
export type Outcome =
  | { readonly type: "accepted"; readonly session: Uint8Array; readonly keys: SessionKeys }
  | { readonly type: "refused"; readonly reason: RefuseReason };

/** One attempt to join. It repeats its datagram, less and less often, until it is answered or ended. */
export class Handshake {
  readonly #name: string;
  readonly #environment: Environment;
  readonly #transmit: (bytes: Uint8Array) => void;
  readonly #nonce: Uint8Array;
  readonly #own: KeyPair;
  #cookie: { readonly bytes: Uint8Array; readonly since: number } | undefined;
  #wait = WAIT_FIRST_MS;
  #cancelTimer: (() => void) | undefined;

  constructor(name: string, environment: Environment, transmit: (bytes: Uint8Array) => void) {
    this.#name = name;
    this.#environment = environment;
    this.#transmit = transmit;
    this.#nonce = environment.random(NONCE).slice();
    this.#own = keyPair(environment.random);
  }

  /** Begins, after so many milliseconds. */
  begin(delay: number): void {
    if (delay > 0) this.#cancelTimer = this.#environment.clock.timer(delay, () => this.#transmitNext());
    else this.#transmitNext();
  }

  /** Takes an answer; returns the result, if this was the last one. */
  receive(packet: Packet): Outcome | undefined {
    if (!("nonce" in packet) || !packet.nonce.every((byte, at) => byte === this.#nonce[at])) return undefined;
    if (packet.type === "challenge" && this.#cookie === undefined) {
      this.#cookie = { bytes: packet.cookie.slice(), since: this.#environment.clock.now() };
      this.#wait = WAIT_FIRST_MS;
      this.#transmitNext();
    } else if (packet.type === "refuse" && this.#cookie !== undefined) {
      this.end();
      return { type: "refused", reason: packet.reason };
    } else if (packet.type === "accept" && this.#cookie !== undefined) {
      const { session, key } = packet;
      const keys = agree(this.#own, key, { nonce: this.#nonce, session, clientKey: this.#own.public, serverKey: key });
      if (keys === undefined || open(keys.toClient, 0, packet.head, packet.sealed)?.length !== 0) return undefined;
      this.end();
      return { type: "accepted", session: session.slice(), keys };
    }
    return undefined;
  }

  /** Stops asking. */
  end(): void {
    this.#cancelTimer?.();
  }

  #transmitNext(): void {
    const { clock } = this.#environment;
    if (this.#cookie !== undefined && clock.now() - this.#cookie.since > COOKIE_MS) this.#cookie = undefined;
    this.#transmit(
      this.#cookie === undefined
        ? encodeHello(this.#nonce)
        : encodeJoin(this.#nonce, this.#cookie.bytes, this.#own.public, this.#name),
    );
    this.#cancelTimer?.();
    this.#cancelTimer = clock.timer(spread(this.#wait, this.#environment), () => this.#transmitNext());
    this.#wait = Math.min(this.#wait * 2, MAX_WAIT_MS);
  }
}

/** A join whose cookie is good. */
export type Join = Extract<Greeting, { type: "join" }>;

/** The server's answer to a join, and the keys that both sides then have. */
export interface Accepted {
  readonly session: Uint8Array;
  readonly keys: SessionKeys;
  /** The accept, as it is sent, again if need be. */
  readonly accept: Uint8Array;
}

/** Makes a session's number and keys; undefined if the client's public key is not usable. */
export function acceptJoin({ nonce, key }: Join, random: Environment["random"]): Accepted | undefined {
  const session = random(SESSION).slice();
  const own = keyPair(random);
  const keys = agree(own, key, { nonce, session, clientKey: key, serverKey: own.public });
  if (keys === undefined) return undefined;
  return { session, keys, accept: seal(keys.toClient, 0, encodeAccept(nonce, session, own.public), new Uint8Array(0)) };
}

/** Lifetime of a cookie, in seconds. */
const COOKIE_SECONDS = 30;

/** Makes and checks cookies, with a secret of its own. */
export class Cookies {
  readonly #secret: Uint8Array;
  readonly #now: () => number;

  constructor({ clock, random }: Environment) {
    this.#secret = random(32).slice();
    this.#now = () => clock.now();
  }

  /** A cookie for that address and nonce. */
  make(peer: Address, nonce: Uint8Array): Uint8Array {
    return this.#make(Math.floor(this.#now() / 1000), peer, nonce);
  }

  /** Checks that it is a cookie for that address and nonce, and still valid. */
  check(cookie: Uint8Array, peer: Address, nonce: Uint8Array): boolean {
    const made = new DataView(cookie.buffer, cookie.byteOffset, 4).getUint32(0);
    const age = Math.floor(this.#now() / 1000) - made;
    return age >= 0 && age <= COOKIE_SECONDS && timingSafeEqual(this.#make(made, peer, nonce), cookie);
  }

  /** The token that a session's new address has to send back before the session moves there. */
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
