/**
 * The operand `HOST:PORT` of the commands that look at any server.
 *
 * @module
 */
import { isIPv4, isIPv6 } from "node:net";
import type { Address } from "../src/runtime/socket.ts";
import { CommandError, Status } from "./status.ts";

const EXPECTED = "expected HOST:PORT, as 192.0.2.1:7, [2001:db8::1]:7 or example.org:7";

/** A part of a host name: up to 63 letters, digits, hyphens and underscores (RFC 1123, 2.1). */
const label = /^[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?$/u;

/**
 * Parses `HOST:PORT`: a name or an address, with IPv6 in brackets, and a port from 1 to 65,535.
 *
 * @throws {CommandError} status 2, with what was wrong and what was expected
 */
export function parseTarget(text: string | undefined): Address {
  if (text === undefined || text.trim() === "") throw new CommandError(Status.usage, `Missing argument: ${EXPECTED}`);
  const fail = (found: string) => new CommandError(Status.usage, `Cannot use "${text}": ${found}; ${EXPECTED}`);
  if (/^\d+$/.test(text)) throw fail("the host is missing");
  if (isIPv6(text)) throw fail("an IPv6 address without brackets, and no port");
  const parts = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(text);
  if (parts === null) throw fail("it is no host and port");
  const [, host, port] = parts;
  if (host === "" || host === "[]") throw fail("the host is missing");
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (host.startsWith("[") ? !isIPv6(address) : !isIPv4(host) && !isName(host)) {
    throw fail(`"${address}" is neither a name nor an address`);
  }
  if (port === undefined || port === "") throw fail("the port is missing");
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
    throw fail(`"${port}" is not an integer from 1 to 65535`);
  }
  return { address, port: Number(port) };
}

/** True for a host name. Digits and dots alone are a misspelt address. */
function isName(host: string): boolean {
  return !/^[\d.]+$/.test(host) && host.replace(/\.$/, "").split(".").every((part) => label.test(part));
}
