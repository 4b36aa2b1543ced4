/**
 * The records of one client.
 *
 * @module
 */
import { EchopipeError, type ErrorCode, messageOf } from "../errors.ts";
import { count, type Fields, type Level, type ServiceLog } from "../service_log.ts";
import type { Traffic } from "../runtime/socket_state.ts";

/** Codes of errors that are the client's own: it broke the protocol. */
const PROTOCOL: readonly ErrorCode[] = ["protocol", "truncated", "too-large", "invalid-text", "tls"];

/** True for an error that is the client's own: it broke the protocol. */
export function isProtocolError(error: unknown): boolean {
  return error instanceof EchopipeError && PROTOCOL.includes(error.code);
}

/** The records of one connection, each with its number and peer. */
export class ClientLog {
  readonly #log: ServiceLog;
  readonly #id: number;
  readonly #peer: string;

  /** Records to `log`. */
  constructor(log: ServiceLog, { id, name }: { readonly id: number; readonly name: string }) {
    this.#log = log;
    this.#id = id;
    this.#peer = name;
  }

  /** The client has connected. */
  connected(): void {
    this.record("info", "client.connected", "connected");
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

  /** The connection failed; returns the reason in short. */
  failed(error: unknown): string {
    const code = error instanceof EchopipeError ? error.code : "io";
    if (code === "reset") return "reset by the client";
    if (isProtocolError(error)) {
      const { position } = error as EchopipeError;
      this.record("warn", "protocol.error", `broke the protocol: ${messageOf(error)}`, { code, position });
      return "protocol error";
    }
    this.record("error", "connection.failed", `cannot be served any more: ${messageOf(error)}`, { code });
    return "failed";
  }

  /** The connection was ended, and still its handler does not return. */
  stuck(): void {
    this.record("error", "handler.stuck", "is left behind: its handler does not return");
  }

  /** One record: `Client ADDRESS:PORT WHAT (connection NUMBER)`. */
  record(level: Level, event: string, what: string, fields?: Fields): void {
    this.#log.record(level, event, `Client ${this.#peer} ${what} (connection ${this.#id})`, this.#fields(fields));
  }

  #fields(more?: Fields): Fields {
    return { connection: this.#id, peer: this.#peer, ...more };
  }
}
