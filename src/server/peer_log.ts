/**
 * What the log says of one client.
 *
 * @module
 */
import { EchopipeError, type ErrorCode, messageOf } from "../errors.ts";
import type { AccessEvent } from "../access/steps.ts";
import { count, type Fields, type Level, type ServiceLog } from "../service_log.ts";
import type { Traffic } from "../runtime/socket_state.ts";

/** Codes of errors that are the client's own: it broke the protocol. */
const PROTOCOL: readonly ErrorCode[] = ["protocol", "truncated", "too-large", "invalid-text", "tls"];

/** The records of one connection, each with its number and peer. */
export class PeerLog {
  readonly #log: ServiceLog;
  readonly #id: number;
  readonly #peer: string;
  readonly #asksWho: boolean;

  /** `asksWho`: a client that nobody asked who it is, is not worth a record when it is admitted. */
  constructor(log: ServiceLog, id: number, peer: string, asksWho: boolean) {
    this.#log = log;
    this.#id = id;
    this.#peer = peer;
    this.#asksWho = asksWho;
  }

  /** The client has connected. */
  connected(): void {
    this.#record("info", "client.connected", "connected");
  }

  /** The connection has ended; `duration` in milliseconds. */
  disconnected(reason: string, { received, sent }: Traffic, duration: number): void {
    this.#log.record(
      "info",
      "client.disconnected",
      `Client ${this.#peer} disconnected (connection ${this.#id}): ${reason}; ` +
        `${count(received, "byte")} received, ${count(sent, "byte")} sent`,
      this.#fields({ reason, received_bytes: received, sent_bytes: sent, duration_ms: Math.round(duration) }),
    );
  }

  /** What the login reports. */
  access(event: AccessEvent): void {
    switch (event.type) {
      case "failed":
        return this.#record("error", "access.failed", `cannot log in: ${messageOf(event.error)}`);
      case "unstored":
        return this.#record("error", "access.unstored", `gets no session: ${messageOf(event.error)}`);
      case "wrong":
        return this.#record("warn", "access.wrong", "gave a wrong password");
      case "refused":
        return this.#record("warn", "access.refused", `is not admitted: ${event.text}`, { code: event.code });
      case "logged-out":
        return this.#admitted("access.logged_out", "logged out", event.name);
      case "revoked":
        return this.#record("warn", "access.revoked", `may no longer be here: ${event.text}`);
      case "admitted":
        if (event.registered) return this.#admitted("access.registered", "registered", event.name);
        return this.#admitted("access.admitted", "is admitted", event.name);
    }
  }

  /** The connection failed; returns the reason in short. */
  failed(error: unknown): string {
    const code = error instanceof EchopipeError ? error.code : "io";
    if (code === "reset") return "reset by the client";
    if (PROTOCOL.includes(code)) {
      const { position } = error as EchopipeError;
      this.#record("warn", "protocol.error", `broke the protocol: ${messageOf(error)}`, { code, position });
      return "protocol error";
    }
    this.#record("error", "connection.failed", `cannot be served any more: ${messageOf(error)}`, { code });
    return "failed";
  }

  /** The client sent `stop`, and may not. */
  stopRefused(why: string): void {
    this.#record("warn", "stop.refused", `sent stop and may not: ${why}`);
  }

  /** The connection was ended, and still its handler does not return. */
  stuck(): void {
    this.#record("error", "handler.stuck", "is left behind: its handler does not return");
  }

  #admitted(event: string, what: string, name: string | undefined): void {
    if (this.#asksWho) this.#record("info", event, `${what} as ${name}`, { name });
  }

  #record(level: Level, event: string, what: string, fields?: Fields): void {
    this.#log.record(level, event, `Client ${this.#peer} ${what} (connection ${this.#id})`, this.#fields(fields));
  }

  #fields(more?: Fields): Fields {
    return { connection: this.#id, peer: this.#peer, ...more };
  }
}
