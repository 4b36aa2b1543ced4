/**
 * One client of the server: its connection, coupled to its stages.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import type { AutoCodec } from "../framing/auto.ts";
import { Portion } from "../framing/portion.ts";
import { type Access, access } from "../handlers/access.ts";
import { commands } from "../handlers/commands.ts";
import { controlPortion } from "../handlers/control.ts";
import { echo } from "../handlers/echo.ts";
import { count, type ServiceLog } from "../service_log.ts";
import { pipeline } from "../stage/pipeline.ts";
import { type Output, Stage } from "../stage/stage.ts";
import type { Connection } from "../transport/connection.ts";
import { Coupling } from "../transport/coupling.ts";
import { formatAddress, isLoopback } from "../transport/socket.ts";
import { framings, type ServerSettings } from "./options.ts";
import type { Portions, TrafficLog } from "./traffic_log.ts";

/** What a peer needs of its server. */
export interface PeerContext {
  readonly settings: ServerSettings;
  readonly log: ServiceLog;
  readonly trafficLog: TrafficLog;
  /** A client that may said `stop`. */
  stopRequested(by: string): void;
}

/** Counts portions, and changes nothing. */
class Tally extends Stage<Portion, Portion> {
  readonly #portions: Portions;
  readonly #direction: keyof Portions;

  constructor(portions: Portions, direction: keyof Portions) {
    super();
    this.#portions = portions;
    this.#direction = direction;
  }

  push(portion: Portion, out: Output<Portion>): void {
    this.#portions[this.#direction]++;
    out.push(portion);
  }
}

/** A connected client, from its connect to its last byte. */
export class Peer {
  /** The number of the connection, from 1. */
  readonly id: number;
  /** `ADDRESS:PORT` of the client. */
  readonly name: string;
  readonly #connection: Connection;
  readonly #context: PeerContext;
  readonly #portions: Portions = { received: 0, sent: 0 };
  readonly #coupling: Coupling;
  #access: Access | undefined;
  /** Why the server ends the connection, once it does. */
  #reason: string | undefined;
  #lastReceived = 0;
  #silentSince = performance.now();

  constructor(id: number, connection: Connection, context: PeerContext) {
    this.id = id;
    this.name = formatAddress(connection.remote);
    this.#connection = connection;
    this.#context = context;
    this.#coupling = new Coupling(connection, this.#stages(), connection, { reuse: true });
  }

  /** Serves until the connection has ended, however it ends. Never rejects. */
  async serve(): Promise<void> {
    const { log, trafficLog } = this.#context;
    const began = performance.now();
    log.record("info", "client.connected", `Client ${this.name} connected (connection ${this.id})`, this.#fields());
    const unfollow = trafficLog.follow(this.id, this.#connection, this.#portions);
    const reason = await this.#run();
    await this.#connection.finish();
    unfollow();
    const { received, sent } = this.#connection.traffic;
    log.record(
      "info",
      "client.disconnected",
      `Client ${this.name} disconnected (connection ${this.id}): ${reason}; ` +
        `${count(received, "byte")} received, ${count(sent, "byte")} sent`,
      this.#fields({
        reason,
        received_bytes: received,
        sent_bytes: sent,
        duration_ms: Math.round(performance.now() - began),
      }),
    );
  }

  /** Echoes what was received, then ends the connection. Never rejects. */
  async drain(): Promise<void> {
    this.#reason ??= "server stopped";
    this.#access?.farewell("stop", "The server stops");
    await this.#coupling.drain();
  }

  /** Ends the connection at once. */
  abort(reason: string): void {
    this.#reason ??= reason;
    this.#connection.abort();
  }

  /** Ends the connection if nothing has come for so long, in milliseconds. */
  checkSilence(limit: number, now: number): void {
    const { received } = this.#connection.traffic;
    if (received !== this.#lastReceived) {
      this.#lastReceived = received;
      this.#silentSince = now;
    } else if (now - this.#silentSince >= limit && this.#reason === undefined) {
      this.#reason = `silent for ${limit / 1000} s`;
      this.#access?.farewell("idle", `Nothing came for ${limit / 1000} s`);
      void this.#coupling.drain();
    }
  }

  #stages(): Stage<Uint8Array, Uint8Array> {
    const { framing, portion } = this.#context.settings;
    const codec = framings[framing]({ portion });
    const { decoder, encoder } = codec;
    const received = new Tally(this.#portions, "received");
    const sent = new Tally(this.#portions, "sent");
    if (framing === "raw") return pipeline(decoder, received, echo(), sent, encoder);
    const admission = this.#access = access({ framing: framing === "auto" ? codec as AutoCodec : framing });
    const words = commands({
      exit: (out) => this.#leave("exit", "Goodbye", out),
      stop: (out) => this.#stop(out),
    });
    return pipeline(decoder, received, admission, words, echo(), sent, encoder);
  }

  #leave(reason: string, text: string, out: Output<Portion>): void {
    this.#reason = reason;
    const bye = this.#access?.bye(reason, text);
    if (bye !== undefined) out.push(bye);
    out.end();
  }

  /** `stop` is for this machine's own clients: a stranger must not end a server that is left running. */
  #stop(out: Output<Portion>): void {
    if (isLoopback(this.#connection.remote.address)) {
      this.#leave("stop", "The server stops", out);
      this.#context.stopRequested(`client ${this.name}`);
      return;
    }
    const why = "only clients on the server's own machine may stop it";
    this.#context.log.record(
      "warn",
      "stop.refused",
      `Client ${this.name} sent stop and may not: ${why} (connection ${this.id})`,
      this.#fields(),
    );
    // Told in the way the client speaks: as control, or as a text of its own.
    if (this.#access?.saidHello) out.push(controlPortion({ type: "refused", code: "stop", text: why }));
    else out.push(Portion.text(`stop refused: ${why}\n`));
  }

  /** The reason it ended for. */
  async #run(): Promise<string> {
    try {
      await this.#coupling.run();
      return this.#reason ?? "end of stream";
    } catch (error) {
      if (this.#reason !== undefined) return this.#reason;
      const code = error instanceof EchopipeError ? error.code : "io";
      const protocol = code === "protocol" || code === "truncated" || code === "too-large" || code === "invalid-text";
      if (protocol) {
        this.#context.log.record(
          "warn",
          "protocol.error",
          `Client ${this.name} broke the protocol (connection ${this.id}): ${messageOf(error)}`,
          this.#fields({ code, position: (error as EchopipeError).position }),
        );
        return "protocol error";
      }
      if (code === "reset") return "reset by the client";
      this.#context.log.record(
        "error",
        "connection.failed",
        `Connection ${this.id} with ${this.name} failed: ${messageOf(error)}`,
        this.#fields({ code }),
      );
      return "failed";
    }
  }

  #fields(more: Record<string, string | number | undefined> = {}) {
    return { connection: this.id, peer: this.name, ...more };
  }
}
