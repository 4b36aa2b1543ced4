/**
 * The header of the PROXY protocol, versions 1 and 2 (haproxy.org, doc/proxy-protocol.txt), by which a proxy tells a server
 * whose connection it passes on.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";

/** The longest header of version 1, in bytes, with its line end (2.1). */
export const MAX_V1_BYTES = 107;
/** The longest header of version 2 that is accepted, in bytes: addresses take 52 at most, the rest are TLVs. */
export const MAX_V2_BYTES = 4096;

/** A header that was read. */
export interface ProxyHeader {
  /** Its length, in bytes: what follows is the client's. */
  readonly length: number;
  /**
   * Address and port of the client. Undefined where the proxy knows none: it made the connection for itself (`LOCAL`), or
   * the client came by something else than TCP (`UNKNOWN`, `UNSPEC`, a Unix socket).
   */
  readonly client: { readonly address: string; readonly port: number } | undefined;
}

const V1_PREFIX = new TextEncoder().encode("PROXY ");
const V2_SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
/** Signature, version and command, family and protocol, length. */
const V2_FIXED = 16;
/** Length of the two addresses and ports of a family. */
const V2_ADDRESSES: Readonly<Record<number, number>> = { 1: 12, 2: 36, 3: 216 };

/**
 * Parses the header at the start of a connection.
 *
 * ```text
 * version 1   PROXY TCP4|TCP6 CLIENT SERVER CLIENT-PORT SERVER-PORT CR LF      or PROXY UNKNOWN ... CR LF
 * version 2   signature (12) | version, command | family, protocol | length (2, big-endian) | addresses, TLVs (length)
 * ```
 *
 * `bytes`: everything received so far. Returns undefined while more of the header has to come; TLVs are skipped. What cannot
 * become a header is an error at its first wrong byte.
 *
 * @throws {EchopipeError} `protocol` if it is no header, `too-large` if it is longer than 107 or 4,096 bytes
 */
export function parseProxyHeader(bytes: Uint8Array): ProxyHeader | undefined {
  const signature = bytes[0] === V2_SIGNATURE[0] ? V2_SIGNATURE : V1_PREFIX;
  for (let at = 0; at < Math.min(bytes.length, signature.length); at++) {
    if (bytes[at] !== signature[at]) throw wrong(`byte 0x${bytes[at].toString(16).padStart(2, "0")}`, at);
  }
  if (bytes.length < signature.length) return undefined;
  return signature === V1_PREFIX ? parseLine(bytes) : parseBinary(bytes);
}

/** Version 1. */
function parseLine(bytes: Uint8Array): ProxyHeader | undefined {
  const start = bytes.subarray(0, MAX_V1_BYTES);
  const length = start.indexOf(0x0a) + 1;
  if (length === 0) {
    if (bytes.length < MAX_V1_BYTES) return undefined;
    throw tooLong(bytes.length, MAX_V1_BYTES);
  }
  const line = new TextDecoder("latin1").decode(start.subarray(0, length));
  const match = /^PROXY (?:UNKNOWN(?: [^\r\n]*)?|(TCP4|TCP6) (\S+) (\S+) (\S+) (\S+))\r\n$/.exec(line);
  if (match === null) throw wrong("a line that is none", V1_PREFIX.length);
  const [, family, client, server, clientPort, serverPort] = match;
  if (family === undefined) return { length, client: undefined };
  const parse = family === "TCP4" ? ipv4 : ipv6;
  const address = parse(client);
  if (address === undefined || parse(server) === undefined) throw wrong(`no ${family} addresses`, V1_PREFIX.length);
  const port = portOf(clientPort);
  if (port === undefined || portOf(serverPort) === undefined) throw wrong("no ports", V1_PREFIX.length);
  return { length, client: { address, port } };
}

/** Version 2. */
function parseBinary(bytes: Uint8Array): ProxyHeader | undefined {
  const [version, command] = [bytes[12] >> 4, bytes[12] & 0x0f];
  if (bytes.length > 12 && (version !== 2 || command > 1)) throw wrong(`version ${version}, command ${command}`, 12);
  const [family, protocol] = [bytes[13] >> 4, bytes[13] & 0x0f];
  if (bytes.length > 13 && (family > 3 || protocol > 2)) throw wrong(`family ${family}, protocol ${protocol}`, 13);
  if (bytes.length < V2_FIXED) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = V2_FIXED + view.getUint16(14);
  if (length > MAX_V2_BYTES) throw tooLong(length, MAX_V2_BYTES);
  const isLocal = command === 0;
  const addresses = isLocal ? 0 : V2_ADDRESSES[family] ?? 0;
  if (length < V2_FIXED + addresses) throw wrong(`${length - V2_FIXED} bytes of addresses`, 14);
  if (bytes.length < length) return undefined;
  if (isLocal || protocol !== 1 || (family !== 1 && family !== 2)) return { length, client: undefined };
  if (family === 1) {
    const address = bytes.subarray(V2_FIXED, V2_FIXED + 4).join(".");
    return { length, client: { address, port: view.getUint16(V2_FIXED + 8) } };
  }
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(V2_FIXED + 2 * i).toString(16));
  return { length, client: { address: ipv6(groups.join(":"))!, port: view.getUint16(V2_FIXED + 32) } };
}

function ipv4(text: string): string | undefined {
  const octet = "(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])";
  return new RegExp(`^${octet}(?:\\.${octet}){3}$`).test(text) ? text : undefined;
}

/** An IPv6 address as RFC 5952 spells it, an IPv4 address in it as IPv4; undefined: it is none. */
function ipv6(text: string): string | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text) || !URL.canParse(`http://[${text}]/`)) return undefined;
  const spelled = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(spelled);
  if (mapped === null) return spelled;
  const [high, low] = mapped.slice(1).map((group) => parseInt(group, 16));
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

function portOf(text: string): number | undefined {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}

function wrong(found: string, position: number): EchopipeError {
  return new EchopipeError(
    "protocol",
    `Cannot read a PROXY protocol header: ${found} at position ${position}; expected version 1 or 2`,
    { position },
  );
}

function tooLong(received: number, limit: number): EchopipeError {
  return new EchopipeError(
    "too-large",
    `Cannot read a PROXY protocol header: ${received} bytes or more; expected at most ${limit}`,
    { received, limit },
  );
}
