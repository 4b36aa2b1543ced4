/**
 * Checks of options, before anything is opened.
 *
 * @module
 */
import { checkInteger, EchopipeError } from "../errors.ts";
import type { ConnectOptions, ListenOptions, StartTlsOptions, TcpOptions } from "../runtime/socket.ts";

const tcp = ["noDelay", "keepAlive"];
const tlsOfServer = ["cert", "key", "alpn", "clientCa"];
const tlsOfClient = ["ca", "servername", "alpn", "cert", "key"];
const ofListen = [...tcp, "host", "port", "path", "tls", "backlog", "reusePort", "handshakeTimeout"];
const ofConnect = [...tcp, "host", "port", "path", "family", "tls", "signal", "timeout"];
/** Options that a Unix socket has no use for. */
const notWithPath = [...tcp, "host", "port", "family", "reusePort"];

/** The longest path of a Unix socket, in bytes: that of Linux, with its ending zero; macOS allows 104. */
const MAX_PATH = 108;
/** The longest timeout that a timer can keep, in milliseconds. */
export const MAX_TIMEOUT_MS: number = 2 ** 31 - 1;

function refuse(message: string): EchopipeError {
  return new EchopipeError("invalid-argument", message);
}

/** Checks that options are known: a misspelt one would be left out without a word. */
export function checkKnown(call: string, options: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || known.includes(name)) continue;
    throw refuse(`Cannot ${call} with the option "${name}": it is unknown here; expected ${known.join(", ")}`);
  }
}

function checkPath(call: string, options: ListenOptions | ConnectOptions): void {
  const { path } = options;
  if (path === undefined) return;
  const other = notWithPath.find((name) => options[name as keyof TcpOptions] !== undefined);
  if (other !== undefined) throw refuse(`Cannot ${call} with path and ${other}: expected one of them`);
  const { length } = new TextEncoder().encode(path);
  if (length === 0 || length >= MAX_PATH || path.includes("\0")) {
    throw refuse(
      `Cannot ${call} with a path of ${length} bytes: expected 1 to ${MAX_PATH - 1} bytes, none of them zero`,
    );
  }
}

/** Checks PEM: the runtimes would read anything else as an empty list, and trust no certificate. */
function checkPem(what: string, pem: string | undefined): void {
  if (pem === undefined || pem.includes("-----BEGIN CERTIFICATE-----")) return;
  throw refuse(`Cannot trust the authority that is given${what}: it is no certificate in PEM`);
}

function checkPair(call: string, { cert, key }: { readonly cert?: string; readonly key?: string }): void {
  if ((cert === undefined) === (key === undefined)) return;
  throw refuse(`Cannot ${call} with ${cert === undefined ? "key" : "cert"} alone: expected cert and key`);
}

/** Checks the options of TLS at either end; `isServer`, `signal` and those of that end are known. */
export function checkTls(call: string, { signal: _, isServer, ...options }: StartTlsOptions): void {
  checkKnown(`${call} over TLS`, options, isServer ? tlsOfServer : tlsOfClient);
  const { ca, clientCa } = options as { ca?: string; clientCa?: string };
  checkPem("", ca);
  checkPem(" as clientCa", clientCa);
  checkPair(`${call} over TLS`, options);
}

/** Checks the options of listening, but not those in `others`. */
export function checkListen(options: ListenOptions, others: readonly string[] = []): void {
  checkKnown("listen", options, [...ofListen, ...others]);
  checkPath("listen", options);
  if (options.port !== undefined) checkInteger("port", options.port, 0, 65535);
  if (options.backlog !== undefined) checkInteger("backlog", options.backlog, 1, 65535);
  if (options.tls !== undefined) checkTls("listen", { ...options.tls, isServer: true });
}

/** Checks the options of connecting, but not those in `others`. */
export function checkConnect(options: ConnectOptions, others: readonly string[] = []): void {
  const { port, path, tls, timeout, family } = options;
  checkKnown("connect", options, [...ofConnect, ...others]);
  checkPath("connect", options);
  if (path === undefined) checkInteger("port", port as number, 0, 65535);
  if (timeout !== undefined) checkInteger("timeout", timeout, 1, MAX_TIMEOUT_MS);
  if (family !== undefined && family !== 4 && family !== 6) {
    throw refuse(`Cannot connect with family "${family}": expected 4 or 6`);
  }
  if (tls !== undefined) checkTls("connect", tls);
}
