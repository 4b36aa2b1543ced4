/**
 * The chat client.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import type { DatagramPort } from "../transport/datagram.ts";
import { type Address, formatAddress } from "../transport/socket.ts";
import { Backlog, BACKLOG_MOST } from "./backlog.ts";
import { Channel } from "./channel.ts";
import type { ClientEvent, GoneReason } from "./client_events.ts";
import { Handshake, type Outcome } from "./handshake.ts";
import { News } from "./news.ts";
import { Pulse } from "./pulse.ts";
import { type AskRecord, decodeTells, encodeAsk } from "./records.ts";
import { refusals } from "./room_events.ts";
import { spread, type Surroundings, system } from "./surroundings.ts";
import { checkName, checkText } from "./text.ts";
import { decodePacket, type Packet, type Sealed } from "./wire.ts";

/** The most records in one datagram: what a server takes at once, several times over. */
const RECORDS_MOST = 16;
/** How long to wait before asking a server again that has stopped or refused, in milliseconds. */
const AGAIN_MS = 2000;
/** How often a server that is silent is asked on the old session, on average, in milliseconds. */
const PROBE_MS = 2000;
/** How long leaving may take, in milliseconds. */
const LEAVE_MOST_MS = 3000;

/** What a chat client is told. */
export interface ChatClientOptions {
  /** Where the chat server is. */
  readonly server: Address;
  /** The name to join with. */
  readonly name: string;
  /** How long the first join may take, in milliseconds. Default 10,000. */
  readonly timeout?: number;
  /** Default: the system's. */
  readonly surroundings?: Surroundings;
}

/**
 * A member of a chat over datagrams. What is said arrives in order and exactly once, whatever the network does, as long as
 * the server lives; when it was restarted, the client joins again by itself and sends again what was not acknowledged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ChatClient, openDatagrams, Room, serveChat } from "echopipe";
 *
 * await using server = serveChat(await openDatagrams(), new Room());
 * await using client = new ChatClient(await openDatagrams(), { server: server.address, name: "ada" });
 * await client.join();
 * await client.say("hello");
 * const reader = client.events.getReader();
 * assert.equal((await reader.read()).value?.type, "welcome");
 * assert.equal((await reader.read()).value?.type, "said");
 * ```
 */
export class ChatClient implements AsyncDisposable {
  /** What happens in the room. Ends when the client has left. */
  readonly events: ReadableStream<ClientEvent>;
  /** Resolves when the client has ended; rejects with what ended it, `refused` for example. */
  readonly ended: Promise<void>;
  readonly #port: DatagramPort;
  readonly #writer: WritableStreamDefaultWriter<{ bytes: Uint8Array; peer: Address }>;
  readonly #server: Address;
  readonly #name: string;
  readonly #timeout: number;
  readonly #surroundings: Surroundings;
  readonly #backlog = new Backlog();
  readonly #news = new News();
  readonly #first = Promise.withResolvers<void>();
  readonly #over = Promise.withResolvers<void>();
  #handshake: Handshake | undefined;
  #channel: Channel | undefined;
  #pulse: Pulse | undefined;
  /** Asks on the old session while the server is silent; calls off the next question. */
  #probing: (() => void) | undefined;
  #joinedOnce = false;
  #toldWaiting = false;
  #leaving = false;
  #done = false;

  /** Makes a client; the port is its own from then on. Throws `invalid-argument` for a name that cannot be one. */
  constructor(port: DatagramPort, options: ChatClientOptions) {
    const { server, name, timeout = 10_000, surroundings = system } = options;
    this.#port = port;
    this.#server = server;
    this.#name = checkName(name);
    this.#timeout = timeout;
    this.#surroundings = surroundings;
    this.#writer = port.writable.getWriter();
    this.events = this.#news.events;
    this.ended = this.#over.promise;
    this.ended.catch(() => {}); // whoever asks for it hears of it
    this.#first.promise.catch(() => {});
    this.#listen().catch((error: unknown) => this.#end(error));
  }

  /**
   * Joins.
   *
   * @throws {EchopipeError} `refused` if the name is taken or the room full, `timed-out` if nobody answers
   */
  async join(): Promise<void> {
    const { clock } = this.#surroundings;
    const callOff = clock.timer(this.#timeout, () => {
      const where = formatAddress(this.#server);
      const wait = `no chat server has answered within ${this.#timeout / 1000} s`;
      this.#end(new EchopipeError("timed-out", `Cannot join the chat at ${where}: ${wait}`));
    });
    this.#begin(0);
    try {
      await this.#first.promise;
    } finally {
      callOff();
    }
  }

  /**
   * Says something; resolves when the server has it.
   *
   * @throws {EchopipeError} `too-large` beyond 1,000 bytes, or if 1,024 messages wait already; `invalid-argument` if
   * empty; `closed` if the client ended before the server had it
   */
  say(text: string): Promise<void> {
    return this.#ask("say", text);
  }

  /** Tells what the member does, as `/me` does. Otherwise as {@linkcode ChatClient.say}. */
  act(text: string): Promise<void> {
    return this.#ask("act", text);
  }

  /** Asks who is there: resolves with their names, which also come as a `members` event. Otherwise as `say`. */
  async who(): Promise<readonly string[]> {
    const [names] = await Promise.all([this.#news.nextList(), this.#request({ type: "who" })]);
    return names;
  }

  /**
   * Leaves, after what was said before, and closes the port. Resolves when it is done; what is not acknowledged within 3 s
   * is given up, and its promise rejects.
   */
  async leave(): Promise<void> {
    if (!this.#leaving && !this.#done) {
      this.#leaving = true;
      if (this.#channel === undefined) this.#end();
      else {
        this.#channel.send(encodeAsk({ type: "leave" }));
        this.#channel.flush();
        this.#surroundings.clock.timer(LEAVE_MOST_MS, () => this.#end());
      }
    }
    await this.#over.promise.catch(() => {}); // it is over: that is what was wanted
    await this.#port.close();
  }

  /** Leaves, as {@linkcode ChatClient.leave} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  async #ask(type: "say" | "act", text: string): Promise<void> {
    await this.#request({ type, text: checkText(text) });
  }

  async #request(ask: AskRecord): Promise<void> {
    if (this.#done || this.#leaving) throw this.#closed();
    const arrived = this.#backlog.add(ask, this.#channel);
    this.#channel?.flush();
    this.#pulse?.sent();
    await arrived;
  }

  #begin(delay: number): void {
    this.#handshake = new Handshake(this.#name, this.#surroundings, (bytes) => this.#transmit(bytes));
    this.#handshake.begin(delay);
  }

  async #listen(): Promise<void> {
    for await (const { bytes, peer } of this.#port.readable) {
      if (peer.port !== this.#server.port || peer.address !== this.#server.address) continue;
      const packet = decodePacket(bytes);
      if (packet === undefined) continue;
      const outcome = this.#handshake?.receive(packet);
      if (outcome !== undefined) this.#settle(outcome);
      else if ("session" in packet && packet.type !== "accept") this.#receive(packet);
    }
    this.#end();
  }

  #settle(outcome: Outcome): void {
    this.#handshake = undefined;
    if (outcome.type === "refused") {
      const text = `Cannot join as "${this.#name}": ${refusals[outcome.reason]}`;
      if (!this.#joinedOnce) return this.#end(new EchopipeError("refused", text, { received: outcome.reason }));
      if (!this.#toldWaiting) this.#news.tell({ type: "waiting", text });
      this.#toldWaiting = true;
      return this.#begin(spread(2 * AGAIN_MS, this.#surroundings));
    }
    this.#closeChannel();
    const channel = this.#channel = new Channel({
      session: outcome.session,
      sendKey: outcome.keys.toServer,
      receiveKey: outcome.keys.toClient,
      clock: this.#surroundings.clock,
      queue: BACKLOG_MOST + 1,
      records: RECORDS_MOST,
      transmit: (bytes) => this.#transmit(bytes),
    });
    this.#toldWaiting = false;
    this.#startPulse(channel);
    this.#news.restart();
    this.#joinedOnce = true;
    this.#backlog.sendAll(channel);
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
      return this.#end(this.#leaving ? undefined : this.#closed());
    } else if (packet.type === "data" && decodeTells(packet.records) !== undefined && channel.wants(packet.sequence)) {
      if (this.#news.full) channel.decline();
      else for (const records of channel.take(packet.sequence, packet.records)) this.#tellAll(records);
    }
    channel.flush();
  }

  #tellAll(records: Uint8Array): void {
    for (const record of decodeTells(records) ?? []) this.#news.take(record);
  }

  #startPulse(channel: Channel): void {
    this.#pulse = new Pulse(channel, this.#surroundings, () => this.#silent());
  }

  /**
   * The server is silent. Either it was restarted, and a new session is wanted, or the network was down, and the old one
   * goes on: both are tried until one of them is answered.
   */
  #silent(): void {
    if (this.#leaving) return this.#end();
    this.#pulse?.end();
    this.#news.tell({ type: "gone", reason: "silent" });
    this.#probe();
    this.#begin(0);
  }

  #probe(): void {
    this.#channel?.ping();
    this.#probing = this.#surroundings.clock.timer(spread(PROBE_MS, this.#surroundings), () => this.#probe());
  }

  /** The old session is alive: nothing is lost. */
  #resume(channel: Channel): void {
    this.#probing?.();
    this.#probing = undefined;
    this.#handshake?.end();
    this.#handshake = undefined;
    this.#startPulse(channel);
    this.#news.tell({ type: "back" });
  }

  /** The server has ended the session. */
  #gone(reason: GoneReason): void {
    const told = this.#probing !== undefined;
    this.#closeChannel();
    if (this.#leaving) return this.#end();
    if (told) return; // a new session is under way already
    this.#news.tell({ type: "gone", reason });
    this.#begin(reason === "stopped" ? spread(AGAIN_MS, this.#surroundings) : 0);
  }

  #transmit(bytes: Uint8Array): void {
    this.#writer.write({ bytes, peer: this.#server }).catch((error: unknown) => this.#end(error));
  }

  #closeChannel(): void {
    this.#channel?.close();
    this.#pulse?.end();
    this.#probing?.();
    this.#probing = undefined;
    this.#channel = undefined;
    this.#pulse = undefined;
  }

  #end(error?: unknown): void {
    if (this.#done) return;
    this.#done = true;
    this.#closeChannel();
    this.#handshake?.end();
    const failure = error ?? this.#closed();
    this.#backlog.fail(failure);
    this.#news.end(failure);
    this.#first.reject(failure);
    if (error === undefined) this.#over.resolve();
    else this.#over.reject(error);
    // The one who uses the client may be gone already: nobody else could be told.
    this.#port.close().catch((reason: unknown) => console.error(messageOf(reason)));
  }

  #closed(): EchopipeError {
    return new EchopipeError("closed", `The chat at ${formatAddress(this.#server)} is closed: the client has left`);
  }
}
