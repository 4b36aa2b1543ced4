/**
 * Refusals of options that Deno's sockets do not have, before anything is opened.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import type { ListenOptions } from "../socket.ts";
import type { DenoConn } from "./connect.ts";

/** Checks that a value is a connection of Deno. */
export function adopted(connection: unknown): DenoConn {
  const methods = ["read", "write", "closeWrite", "close", "ref"] as const;
  const conn = connection as Record<string, unknown> | null;
  if (typeof conn === "object" && conn !== null && methods.every((name) => typeof conn[name] === "function")) {
    return connection as DenoConn;
  }
  throw new EchopipeError("invalid-argument", `Cannot adopt a ${typeof connection}: expected a Deno.Conn`);
}

/** The refusal of options of listening that Deno cannot follow. */
export function refusalOf({ path, tls, backlog }: ListenOptions): EchopipeError | undefined {
  const lacking = tls?.clientCa !== undefined
    ? "clientCa: it asks no client for a certificate"
    : path !== undefined && tls !== undefined
    ? "tls with path: it has TLS over TCP only"
    : path !== undefined && backlog !== undefined
    ? "backlog with path: it is fixed there"
    : undefined;
  if (lacking === undefined) return undefined;
  const [what, why] = lacking.split(": ");
  return new EchopipeError("invalid-argument", `Cannot listen with ${what} on Deno: ${why}`);
}
