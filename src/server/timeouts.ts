/**
 * The timeouts of one connection.
 *
 * @module
 */
import type { Socket } from "../runtime/socket.ts";
import type { Limits } from "./limits.ts";
import { Pace } from "./pace.ts";

/** The timeout that has expired. */
export interface Expired {
  /** `idle`: it may be ended as if the peer had ended; `stalled`: the peer does not do what it has to. */
  readonly kind: "idle" | "stalled";
  /** The reason, for the log. */
  readonly reason: string;
}

/** The reading end of a connection: whether a message was begun. */
interface Reading {
  readonly reader: { readonly begun: boolean } | undefined;
}

/**
 * Looks at the counters of a socket from time to time: the data itself passes without a timer and without a call.
 *
 * | timeout | bytes are expected while | and are |
 * | --- | --- | --- |
 * | write | some wait to be sent | accepted by the system |
 * | header | a message was begun, and the server reads; during a TLS handshake | received |
 * | fin | the peer has ended, and nothing waits to be sent | received or accepted |
 * | idle | nothing waits to be sent | received or accepted |
 *
 * A peer that reads slowly is not idle: what waits to be sent to it is subject to the write timeout alone.
 */
export class Timeouts {
  readonly #limits: Limits;
  readonly #write: Pace;
  readonly #header: Pace;
  readonly #fin: Pace;
  readonly #idle: Pace;

  /** Watches over one connection. */
  constructor(limits: Limits) {
    const { writeTimeout, headerTimeout, finTimeout, idleTimeout, minRate } = this.#limits = limits;
    this.#write = new Pace(writeTimeout * 1000, Math.max(1, writeTimeout * minRate));
    this.#header = new Pace(headerTimeout * 1000, Math.max(1, headerTimeout * minRate));
    this.#fin = new Pace(finTimeout * 1000);
    this.#idle = new Pace(idleTimeout * 1000);
  }

  /** The time between two looks that the limits take, in milliseconds: at most `most`. */
  static interval({ writeTimeout, headerTimeout, finTimeout, idleTimeout }: Limits, most: number): number {
    const seconds = [writeTimeout, headerTimeout, finTimeout, idleTimeout].filter((limit) => limit > 0);
    return Math.min(most, ...seconds.map((limit) => limit * 250));
  }

  /** Looks at the connection; returns the first timeout that has expired. `now` in milliseconds. */
  look(socket: Socket, { reader }: Reading, now: number): Expired | undefined {
    const { accepted, state, handshaking } = socket;
    const pending = socket.unsent > 0;
    const { received } = state!.traffic;
    const begun = !pending && state!.reading && (handshaking || reader?.begun === true);
    const { writeTimeout, headerTimeout, finTimeout, idleTimeout, minRate } = this.#limits;
    if (this.#write.isTooSlow(pending, accepted, now)) {
      return stalled(`took ${amount(writeTimeout, minRate)} of what was to be sent for ${writeTimeout} s`);
    }
    if (this.#header.isTooSlow(begun, received, now)) {
      if (handshaking) return stalled(`no TLS handshake for ${headerTimeout} s`);
      return stalled(`sent ${amount(headerTimeout, minRate)} of a message for ${headerTimeout} s`);
    }
    if (this.#fin.isTooSlow(state!.peerEnded && !pending, received + accepted, now)) {
      return stalled(`ended, and nothing was sent to it for ${finTimeout} s`);
    }
    if (this.#idle.isTooSlow(!pending, received + accepted, now)) {
      return { kind: "idle", reason: `silent for ${idleTimeout} s` };
    }
  }
}

function stalled(reason: string): Expired {
  return { kind: "stalled", reason };
}

/** The words for too little. */
function amount(seconds: number, rate: number): string {
  return rate === 0 ? "nothing" : `less than ${seconds * rate} bytes`;
}
