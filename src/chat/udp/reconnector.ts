/**
 * A client's connection to its server, made again as often as needed.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import { type Address, formatAddress } from "../../runtime/socket.ts";
import type { Datagram, DatagramPort } from "../../transport/datagram.ts";
import { type Environment, spread } from "../environment.ts";
import { type GoneReason, refusals } from "../room/events.ts";
import { Channel } from "./channel.ts";
import { type EventQueue, MAX_UNACKED, type UnackedRequests } from "./client_queues.ts";
import { decodePacket, type Sealed } from "./datagrams.ts";
import { Handshake, type Outcome } from "./handshake.ts";
import { Keepalive } from "./keepalive.ts";
import { decodeEvents, encodeRequest } from "./records.ts";

/** The most records in one datagram: what a server takes at once, several times over. */
const MAX_RECORDS = 16;
/** Average wait before a server that has stopped is asked again, in milliseconds; twice that if it refused. */
const AGAIN_MS = 2000;
/** Average time between two pings on the session of a silent server, in milliseconds. */
const PROBE_MS = 2000;
/** Time limit for leaving, in milliseconds. */
const MAX_LEAVE_MS = 3000;

/** Options of {@linkcode Reconnector}. */
export interface ReconnectorOptions {
  readonly server: Address;
  readonly name: string;
  readonly environment: Environment;
  readonly unacked: UnackedRequests;
  readonly queue: EventQueue;
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
export class Reconnector {
  /** Resolves at the first accept; rejects if it never comes. */
  readonly joined: Promise<void>;
  readonly #options: ReconnectorOptions;
  readonly #port: DatagramPort;
  readonly #writer: WritableStreamDefaultWriter<Datagram>;
  readonly #first = Promise.withResolvers<void>();
  #handshake: Handshake | undefined;
  #channel: Channel | undefined;
  #keepalive: Keepalive | undefined;
  /** Asks on the old session while the server is silent; calls off the next question. */
  #probing: (() => void) | undefined;
  #giveUp: (() => void) | undefined;
  #joinedOnce = false;
  #toldWaiting = false;
  #leaving = false;
  #over = false;

  constructor(port: DatagramPort, options: ReconnectorOptions) {
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

  /** Nothing more can be asked. */
  get closed(): boolean {
    return this.#over || this.#leaving;
  }

  /** The error of requests to a client that has left. */
  get closedError(): EchopipeError {
    const where = formatAddress(this.#options.server);
    return new EchopipeError("closed", `The chat at ${where} is closed: the client has left`);
  }

  /** Begins to join, unless it has begun. */
  begin(delay = 0): void {
    if (this.#handshake !== undefined || this.#over) return;
    const { name, environment } = this.#options;
    this.#handshake = new Handshake(name, environment, (bytes) => this.#transmit(bytes));
    this.#handshake.begin(delay);
  }

  /** Sends what was given to the channel. */
  flush(): void {
    this.#channel?.flush();
    this.#keepalive?.sent();
  }

  /** Leaves, after what was said before. */
  leave(): void {
    if (this.closed) return;
    this.#leaving = true;
    if (this.#channel === undefined) return this.end();
    this.#channel.send(encodeRequest({ type: "leave" }));
    this.#channel.flush();
    this.#giveUp = this.#options.environment.clock.timer(MAX_LEAVE_MS, () => this.end());
  }

  /** Ends it at once. */
  end(error?: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#giveUp?.();
    this.#closeChannel();
    this.#handshake?.end();
    const reason = error ?? this.closedError;
    this.#options.unacked.fail(reason);
    this.#options.queue.end(reason);
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
      if (!this.#toldWaiting) this.#options.queue.add({ type: "waiting", text });
      this.#toldWaiting = true;
      return this.begin(spread(2 * AGAIN_MS, this.#options.environment));
    }
    this.#closeChannel();
    const channel = this.#channel = new Channel({
      session: outcome.session,
      sendKey: outcome.keys.toServer,
      receiveKey: outcome.keys.toClient,
      clock: this.#options.environment.clock,
      queue: MAX_UNACKED + 2, // and a resume and a leave
      records: MAX_RECORDS,
      transmit: (bytes) => this.#transmit(bytes),
    });
    this.#toldWaiting = false;
    this.#startKeepalive(channel);
    this.#options.queue.restart();
    this.#joinedOnce = true;
    this.#options.unacked.sendAll(channel);
    channel.flush();
    this.#first.resolve();
  }

  #receive(packet: Sealed): void {
    const channel = this.#channel;
    const body = channel?.open(packet);
    if (channel === undefined || body === undefined) return;
    if (this.#probing !== undefined && body.type !== "bye") this.#resume(channel);
    if (body.type === "path") channel.transmit({ type: "path-answer", token: body.token });
    else if (body.type === "bye") {
      if (body.reason !== "left") return this.#gone(body.reason);
      return this.end(this.#leaving ? undefined : this.closedError);
    } else if (body.type === "data" && decodeEvents(body.records) !== undefined && channel.accepts(body.sequence)) {
      if (this.#options.queue.full) channel.decline();
      else for (const records of channel.take(body.sequence, body.records)) this.#tellAll(records);
    }
    channel.flush();
  }

  #tellAll(records: Uint8Array): void {
    for (const record of decodeEvents(records) ?? []) this.#options.queue.take(record);
  }

  #startKeepalive(channel: Channel): void {
    this.#keepalive = new Keepalive(channel, this.#options.environment, () => this.#silent());
  }

  /**
   * The server is silent. Either it was restarted, and a new session is needed, or the network was down, and the old one
   * goes on: both are tried until one of them is answered.
   */
  #silent(): void {
    if (this.#leaving) return this.end();
    this.#keepalive?.end();
    this.#options.queue.add({ type: "gone", reason: "silent" });
    this.#probe();
    this.begin(0);
  }

  #probe(): void {
    this.#channel?.ping();
    this.#probing = this.#options.environment.clock.timer(
      spread(PROBE_MS, this.#options.environment),
      () => this.#probe(),
    );
  }

  /** The old session is alive: nothing is lost. */
  #resume(channel: Channel): void {
    this.#probing?.();
    this.#probing = undefined;
    this.#handshake?.end();
    this.#handshake = undefined;
    this.#startKeepalive(channel);
    this.#options.queue.add({ type: "back" });
  }

  /** The server has ended the session. */
  #gone(reason: GoneReason): void {
    const told = this.#probing !== undefined;
    this.#closeChannel();
    if (this.#leaving) return this.end();
    if (told) return; // a new session is under way already
    this.#options.queue.add({ type: "gone", reason });
    this.begin(reason === "stopped" ? spread(AGAIN_MS, this.#options.environment) : 0);
  }

  #transmit(bytes: Uint8Array): void {
    this.#writer.write({ bytes, peer: this.#options.server }).catch((error: unknown) => this.end(error));
  }

  #closeChannel(): void {
    this.#channel?.close();
    this.#keepalive?.end();
    this.#probing?.();
    this.#probing = undefined;
    this.#channel = undefined;
    this.#keepalive = undefined;
  }
}
