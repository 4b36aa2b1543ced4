/**
 * What keeps a client in touch with its server.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Datagram, DatagramPort } from "../transport/datagram.ts";
import { type Address, formatAddress } from "../runtime/socket.ts";
import { type Backlog, MAX_BACKLOG } from "./backlog.ts";
import { Channel } from "./channel.ts";
import type { GoneReason } from "./client_events.ts";
import { Handshake, type Outcome } from "./handshake.ts";
import type { News } from "./news.ts";
import { Pulse } from "./pulse.ts";
import { decodeTells, encodeAsk } from "./records.ts";
import { refusals } from "./room_events.ts";
import { spread, type Surroundings } from "./surroundings.ts";
import { decodePacket, type Packet, type Sealed } from "./wire.ts";

/** The most records in one datagram: what a server takes at once, several times over. */
const MAX_RECORDS = 16;
/** How long to wait before asking a server again that has stopped or refused, in milliseconds. */
const AGAIN_MS = 2000;
/** How often a server that is silent is asked on the old session, on average, in milliseconds. */
const PROBE_MS = 2000;
/** How long leaving may take, in milliseconds. */
const MAX_LEAVE_MS = 3000;

/** What an {@linkcode Attachment} is made with. */
export interface AttachmentOptions {
  readonly server: Address;
  readonly name: string;
  readonly surroundings: Surroundings;
  readonly backlog: Backlog;
  readonly news: News;
  /** Called once, when it is over, with what ended it if that was a failure. */
  readonly ended: (error?: unknown) => void;
}

/**
 * Joins, and joins again as often as it must.
 *
 * ```text
 *           +--------------- the old session answers ---------------+
 *           v                                                       |
 * joining --accept--> attached --silence--> probing and joining ----+--accept--> attached, anew
 *    ^                    |
 *    +--bye, not by leave-+--leave: bye, or 3 s--> over
 * ```
 */
export class Attachment {
  /** Resolves at the first accept; rejects if it never comes. */
  readonly joined: Promise<void>;
  readonly #options: AttachmentOptions;
  readonly #port: DatagramPort;
  readonly #writer: WritableStreamDefaultWriter<Datagram>;
  readonly #first = Promise.withResolvers<void>();
  #handshake: Handshake | undefined;
  #channel: Channel | undefined;
  #pulse: Pulse | undefined;
  /** Asks on the old session while the server is silent; calls off the next question. */
  #probing: (() => void) | undefined;
  #giveUp: (() => void) | undefined;
  #joinedOnce = false;
  #toldWaiting = false;
  #leaving = false;
  #over = false;

  constructor(port: DatagramPort, options: AttachmentOptions) {
    this.#port = port;
    this.#writer = port.writable.getWriter();
    this.#options = options;
    this.joined = this.#first.promise;
    this.joined.catch(() => {}); // whoever waits for it hears of it
    this.#listen().then(() => this.end(), (error: unknown) => this.end(error));
  }

  /** The session, if there is one. */
  get channel(): Channel | undefined {
    return this.#channel;
  }

  /** Whether nothing more can be asked. */
  get closed(): boolean {
    return this.#over || this.#leaving;
  }

  /** What is asked or waited for on a client that has left. */
  get closedError(): EchopipeError {
    const where = formatAddress(this.#options.server);
    return new EchopipeError("closed", `The chat at ${where} is closed: the client has left`);
  }

  /** Begins to join, unless it has begun. */
  begin(delay = 0): void {
    if (this.#handshake !== undefined || this.#over) return;
    const { name, surroundings } = this.#options;
    this.#handshake = new Handshake(name, surroundings, (bytes) => this.#transmit(bytes));
    this.#handshake.begin(delay);
  }

  /** Sends what was given to the channel. */
  flush(): void {
    this.#channel?.flush();
    this.#pulse?.sent();
  }

  /** Leaves, after what was said before. */
  leave(): void {
    if (this.closed) return;
    this.#leaving = true;
    if (this.#channel === undefined) return this.end();
    this.#channel.send(encodeAsk({ type: "leave" }));
    this.#channel.flush();
    this.#giveUp = this.#options.surroundings.clock.timer(MAX_LEAVE_MS, () => this.end());
  }

  /** Ends it at once. */
  end(error?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveUp?.();
    this.#closeChannel();
    this.#handshake?.end();
    const reason = error ?? this.closedError;
    this.#options.backlog.fail(reason);
    this.#options.news.end(reason);
    this.#first.reject(reason);
    this.#options.ended(error);
  }

  async #listen(): Promise<void> {
    for await (const { bytes, peer } of this.#port.readable) {
      if (peer.port !== this.#options.server.port || peer.address !== this.#options.server.address) continue;
      const packet = decodePacket(bytes);
      if (packet === undefined) continue;
      const outcome = this.#handshake?.receive(packet);
      if (outcome !== undefined) this.#settle(outcome);
      else if ("session" in packet && packet.type !== "accept") this.#receive(packet);
    }
  }

  #settle(outcome: Outcome): void {
    this.#handshake = undefined;
    if (outcome.type === "refused") {
      const text = `Cannot join as "${this.#options.name}": ${refusals[outcome.reason]}`;
      if (!this.#joinedOnce) return this.end(new EchopipeError("refused", text, { received: outcome.reason }));
      if (!this.#toldWaiting) this.#options.news.tell({ type: "waiting", text });
      this.#toldWaiting = true;
      return this.begin(spread(2 * AGAIN_MS, this.#options.surroundings));
    }
    this.#closeChannel();
    const channel = this.#channel = new Channel({
      session: outcome.session,
      sendKey: outcome.keys.toServer,
      receiveKey: outcome.keys.toClient,
      clock: this.#options.surroundings.clock,
      queue: MAX_BACKLOG + 1,
      records: MAX_RECORDS,
      transmit: (bytes) => this.#transmit(bytes),
    });
    this.#toldWaiting = false;
    this.#startPulse(channel);
    this.#options.news.restart();
    this.#joinedOnce = true;
    this.#options.backlog.sendAll(channel);
    channel.flush();
    this.#first.resolve();
  }

  #receive(packet: Sealed & Packet): void {
    const channel = this.#channel;
    if (channel === undefined || !channel.open(packet)) return;
    if (this.#probing !== undefined && packet.type !== "bye") this.#resume(channel);
    if (packet.type === "path") channel.transmit({ type: "path-answer", token: packet.token });
    else if (packet.type === "bye") {
      if (packet.reason !== "left") return this.#gone(packet.reason);
      return this.end(this.#leaving ? undefined : this.closedError);
    } else if (packet.type === "data" && decodeTells(packet.records) !== undefined && channel.wants(packet.sequence)) {
      if (this.#options.news.full) channel.decline();
      else for (const records of channel.take(packet.sequence, packet.records)) this.#tellAll(records);
    }
    channel.flush();
  }

  #tellAll(records: Uint8Array): void {
    for (const record of decodeTells(records) ?? []) this.#options.news.take(record);
  }

  #startPulse(channel: Channel): void {
    this.#pulse = new Pulse(channel, this.#options.surroundings, () => this.#silent());
  }

  /**
   * The server is silent. Either it was restarted, and a new session is wanted, or the network was down, and the old one
   * goes on: both are tried until one of them is answered.
   */
  #silent(): void {
    if (this.#leaving) return this.end();
    this.#pulse?.end();
    this.#options.news.tell({ type: "gone", reason: "silent" });
    this.#probe();
    this.begin(0);
  }

  #probe(): void {
    this.#channel?.ping();
    this.#probing = this.#options.surroundings.clock.timer(
      spread(PROBE_MS, this.#options.surroundings),
      () => this.#probe(),
    );
  }

  /** The old session is alive: nothing is lost. */
  #resume(channel: Channel): void {
    this.#probing?.();
    this.#probing = undefined;
    this.#handshake?.end();
    this.#handshake = undefined;
    this.#startPulse(channel);
    this.#options.news.tell({ type: "back" });
  }

  /** The server has ended the session. */
  #gone(reason: GoneReason): void {
    const told = this.#probing !== undefined;
    this.#closeChannel();
    if (this.#leaving) return this.end();
    if (told) return; // a new session is under way already
    this.#options.news.tell({ type: "gone", reason });
    this.begin(reason === "stopped" ? spread(AGAIN_MS, this.#options.surroundings) : 0);
  }

  #transmit(bytes: Uint8Array): void {
    this.#writer.write({ bytes, peer: this.#options.server }).catch((error: unknown) => this.end(error));
  }

  #closeChannel(): void {
    this.#channel?.close();
    this.#pulse?.end();
    this.#probing?.();
    this.#probing = undefined;
    this.#channel = undefined;
    this.#pulse = undefined;
  }
}
