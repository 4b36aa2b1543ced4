/**
 * The client's side of joining.
 *
 * ```text
 * hello --challenge--> join --accept--> done
 *   ^                   |  \--refuse--> done
 *   +--- cookie old ----+
 * ```
 *
 * @module
 */
import { agree, isTag, type KeyPair, keyPair, type SessionKeys } from "./keys.ts";
import type { RefuseReason } from "./room_events.ts";
import { spread, type Surroundings } from "./surroundings.ts";
import { encodeHello, encodeJoin, NONCE, type Packet } from "./wire.ts";

/** The first wait for an answer, and the longest, in milliseconds. */
const WAIT_FIRST_MS = 500;
const MAX_WAIT_MS = 8000;
/** How long a cookie is used, in milliseconds: the server takes it for 30 s. */
const COOKIE_MS = 20_000;

/** What a handshake came to. */
export type Outcome =
  | { readonly type: "accepted"; readonly session: Uint8Array; readonly keys: SessionKeys }
  | { readonly type: "refused"; readonly reason: RefuseReason };

/** One attempt to join. It asks again and again, less and less often, until it is answered or called off. */
export class Handshake {
  readonly #name: string;
  readonly #surroundings: Surroundings;
  readonly #transmit: (bytes: Uint8Array) => void;
  readonly #nonce: Uint8Array;
  readonly #own: KeyPair;
  #cookie: { readonly bytes: Uint8Array; readonly since: number } | undefined;
  #wait = WAIT_FIRST_MS;
  #callOff: (() => void) | undefined;

  constructor(name: string, surroundings: Surroundings, transmit: (bytes: Uint8Array) => void) {
    this.#name = name;
    this.#surroundings = surroundings;
    this.#transmit = transmit;
    this.#nonce = surroundings.random(NONCE).slice();
    this.#own = keyPair(surroundings.random);
  }

  /** Begins, after so many milliseconds. */
  begin(delay: number): void {
    if (delay > 0) this.#callOff = this.#surroundings.clock.timer(delay, () => this.#ask());
    else this.#ask();
  }

  /** Takes an answer; what it came to, if this was the last one. */
  receive(packet: Packet): Outcome | undefined {
    if (!("nonce" in packet) || !packet.nonce.every((byte, at) => byte === this.#nonce[at])) return undefined;
    if (packet.type === "challenge" && this.#cookie === undefined) {
      this.#cookie = { bytes: packet.cookie.slice(), since: this.#surroundings.clock.now() };
      this.#wait = WAIT_FIRST_MS;
      this.#ask();
    } else if (packet.type === "refuse" && this.#cookie !== undefined) {
      this.end();
      return { type: "refused", reason: packet.reason };
    } else if (packet.type === "accept" && this.#cookie !== undefined) {
      const { session, key } = packet;
      const keys = agree(this.#own, key, { nonce: this.#nonce, session, clientKey: this.#own.public, serverKey: key });
      if (keys === undefined || !isTag(keys.toClient, packet.bytes, packet.tag)) return undefined;
      this.end();
      return { type: "accepted", session: session.slice(), keys };
    }
    return undefined;
  }

  /** Stops asking. */
  end(): void {
    this.#callOff?.();
  }

  #ask(): void {
    const { clock } = this.#surroundings;
    if (this.#cookie !== undefined && clock.now() - this.#cookie.since > COOKIE_MS) this.#cookie = undefined;
    this.#transmit(
      this.#cookie === undefined
        ? encodeHello(this.#nonce)
        : encodeJoin(this.#nonce, this.#cookie.bytes, this.#own.public, this.#name),
    );
    this.#callOff?.();
    this.#callOff = clock.timer(spread(this.#wait, this.#surroundings), () => this.#ask());
    this.#wait = Math.min(this.#wait * 2, MAX_WAIT_MS);
  }
}
