/**
 * One side of a session: sealed, numbered datagrams, and within them a sequence of records that arrives whole, in order
 * and once.
 *
 * @module
 */
import type { Clock } from "../environment.ts";
import { type Body, decodeBody, encodeBody } from "./bodies.ts";
import { encodeHead, MAX_PAYLOAD, type Sealed } from "./datagrams.ts";
import { Receiver, Sender } from "./delivery.ts";
import { open, seal } from "./keys.ts";

/** Options of {@linkcode Channel}. */
export interface ChannelOptions {
  /** The session's number. */
  readonly session: Uint8Array;
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
  readonly clock: Clock;
  /** The most records that wait for their turn. */
  readonly queue: number;
  /** The most records in one datagram. */
  readonly records: number;
  /** Sends one datagram. */
  readonly transmit: (bytes: Uint8Array) => void;
}

/** One side of a session. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #receiver = new Receiver();
  readonly #sender: Sender;
  readonly #seen = new ReplayWindow();
  #number = 0;
  #ackDue = false;
  #cancelTimer: (() => void) | undefined;
  #closed = false;
  /** When the peer was last heard, in milliseconds since 1970. */
  heard: number;

  constructor(options: ChannelOptions) {
    this.#options = options;
    this.heard = options.clock.now();
    this.#sender = new Sender({
      payload: MAX_PAYLOAD,
      records: options.records,
      queue: options.queue,
      now: options.clock.now,
      transmit: (sequence, records) => {
        this.#ackDue = false;
        this.transmit({ type: "data", ack: this.#receiver.acknowledgement, sequence, records });
      },
    });
  }

  /** The body of a packet of this session that is authentic and new, else undefined. Takes what it acknowledges. */
  open({ type, session, number, head, sealed }: Sealed): Body | undefined {
    const { receiveKey, session: own, clock } = this.#options;
    if (this.#closed || !own.every((byte, at) => session[at] === byte)) return undefined;
    const bytes = open(receiveKey, number, head, sealed);
    if (bytes === undefined || !this.#seen.admit(number)) return undefined;
    const body = decodeBody(type, bytes);
    if (body === undefined) return undefined;
    this.heard = clock.now();
    if ("ack" in body) {
      this.#sender.acknowledged(body.ack);
      if (type === "ping") this.#ackDue = true;
    }
    return body;
  }

  /** Tells whether the packet of that number is the newest so far. */
  isNewest(number: number): boolean {
    return number === this.#seen.newest;
  }

  /** Tells if the data are new; data that came before are acknowledged once more. */
  accepts(sequence: number): boolean {
    this.#ackDue = true;
    return this.#receiver.accepts(sequence);
  }

  /** Takes data that {@linkcode Channel.accepts} accepts; returns the payloads whose turn it now is. */
  take(sequence: number, records: Uint8Array): Uint8Array[] {
    return this.#receiver.take(sequence, records);
  }

  /** Takes data that cannot be used now: they are not acknowledged, and so come again. */
  decline(): void {
    this.#ackDue = false;
  }

  /** Queues a record; false: the queue is full. {@linkcode Channel.flush} sends it. */
  send(record: Uint8Array, arrived?: () => void): boolean {
    return this.#sender.add(record, arrived);
  }

  /** Sends what is queued and the window allows, and an acknowledgement if one is due. */
  flush(): void {
    if (this.#closed) return;
    this.#sender.flush();
    if (this.#ackDue) {
      this.#ackDue = false;
      this.transmit({ type: "ack", ack: this.#receiver.acknowledgement });
    }
    this.#schedule();
  }

  /** Sends a ping: the peer acknowledges it. */
  ping(): void {
    if (!this.#closed) this.transmit({ type: "ping", ack: this.#receiver.acknowledgement });
  }

  /** Seals and sends one datagram; `transmit`: another way than the channel's own. */
  transmit(body: Body, transmit: (bytes: Uint8Array) => void = this.#options.transmit): void {
    const { session, sendKey } = this.#options;
    if (this.#number === 0xffffffff) return; // no number twice: the silence makes the client begin a new session
    const number = ++this.#number;
    transmit(seal(sendKey, number, encodeHead(body.type, session, number), encodeBody(body)));
  }

  /** All that was sent has been acknowledged. */
  get idle(): boolean {
    return this.#sender.idle;
  }

  /** Ends it: nothing is sent or taken any more. */
  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  #schedule(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const { due } = this.#sender;
    if (due === undefined) return;
    const { clock } = this.#options;
    this.#cancelTimer = clock.timer(Math.max(due - clock.now(), 1), () => {
      this.#sender.resend();
      this.flush();
    });
  }
}

/** Greatest distance of a datagram behind the newest. */
const WINDOW = 1024;

/** Tells whether a datagram's number is new; what is too old to tell counts as seen. Numbers begin at 1. */
export class ReplayWindow {
  readonly #seen = new Uint32Array(WINDOW);
  #newest = 0;

  /** Marks a number as seen; false: it was, or is too old to tell. */
  admit(number: number): boolean {
    if (number === 0 || number + WINDOW <= this.#newest || this.#seen[number % WINDOW] === number) return false;
    this.#seen[number % WINDOW] = number;
    if (number > this.#newest) this.#newest = number;
    return true;
  }

  /** The highest number so far. */
  get newest(): number {
    return this.#newest;
  }
}
