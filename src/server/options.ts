/**
 * What a server is told.
 *
 * @module
 */
import { wholeNumber } from "../errors.ts";
import type { Framing } from "../framing/framing.ts";
import { auto } from "../framing/auto.ts";
import { line } from "../framing/line.ts";
import { message } from "../framing/message.ts";
import { raw } from "../framing/raw.ts";

/** The framings a server can be started with. */
export type FramingName = "auto" | "message" | "line" | "raw";

/** The framings by name. */
export const framings: Readonly<Record<FramingName, Framing>> = { auto, message, line, raw };

/** What a server can be told; all of it has a default. */
export interface ServerOptions {
  /** The address to listen on. Default `127.0.0.1`. */
  readonly host?: string;
  /** The port; 0: any free one. Default 9090. */
  readonly port?: number;
  /** Whether a port in use is an error instead of moving on to the next free one. Default false. */
  readonly strictPort?: boolean;
  /** Default `auto`. */
  readonly framing?: FramingName;
  /** The largest portion a handler sees, in bytes: 1 to 16,777,216. Default 1024. */
  readonly portion?: number;
  /** Beyond so many connections a new one is closed at once: 1 to 1,000,000. Default 10,000. */
  readonly maxConnections?: number;
  /** A connection silent for so many seconds is closed; 0: never. Default 0. */
  readonly idleTimeout?: number;
}

/** A server's options, complete and valid. */
export type ServerSettings = Required<ServerOptions>;

/**
 * Completes options with their defaults.
 *
 * @throws {EchopipeError} `invalid-argument` for a value out of its range
 */
export function serverSettings(options: ServerOptions = {}): ServerSettings {
  return {
    host: options.host ?? "127.0.0.1",
    port: wholeNumber("port", options.port ?? 9090, 0, 65535),
    strictPort: options.strictPort ?? false,
    framing: options.framing ?? "auto",
    portion: wholeNumber("portion", options.portion ?? 1024, 1, 1 << 24),
    maxConnections: wholeNumber("max-connections", options.maxConnections ?? 10_000, 1, 1_000_000),
    idleTimeout: wholeNumber("idle-timeout", options.idleTimeout ?? 0, 0, 31_536_000),
  };
}
