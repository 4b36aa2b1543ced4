/**
 * Connecting a socket: names, addresses, timeouts and TLS.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { EchopipeError, messageOf } from "../errors.ts";
import { transport } from "../runtime/mod.ts";
import { type Address, type ConnectOptions, formatAddress, type Socket, unixAddress } from "../runtime/socket.ts";
import { systemError } from "../runtime/system_error.ts";
import { checkConnect } from "./check_options.ts";
import { firstOf, interleaved } from "./happy_eyeballs.ts";

/**
 * Connects as {@linkcode connect} does, for a subclass of {@linkcode Connection}. `others`: the names of options that are
 * the caller's own.
 */
export async function connectSocket(options: ConnectOptions, others: readonly string[] = []): Promise<Socket> {
  checkConnect(options, others);
  const { host = "127.0.0.1", port = 0, path, timeout, signal } = options;
  const shown = formatAddress(path === undefined ? { address: host, port } : unixAddress(path));
  const limit = new AbortController();
  const abort = () => limit.abort(signal!.reason);
  if (signal?.aborted) throw signal.reason;
  signal?.addEventListener("abort", abort, { once: true });
  const late = () =>
    limit.abort(new EchopipeError("timed-out", `Cannot connect to ${shown}: no answer in ${timeout} ms`));
  const timer = timeout === undefined ? undefined : setTimeout(late, timeout);
  try {
    const socket = await connectPlain(options, shown, limit.signal);
    const { tls } = options;
    if (tls === undefined) return socket;
    const servername = tls.servername ?? (path === undefined ? host : "localhost");
    await socket.startTls({ ...tls, servername, signal: limit.signal });
    return socket;
  } catch (error) {
    throw limit.signal.aborted ? limit.signal.reason : named(error, shown);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** The failure of an attempt, in a message that names the host rather than one of its addresses. */
function named(error: unknown, shown: string): unknown {
  if (!(error instanceof EchopipeError) || error.code === "invalid-argument") return error;
  const found = /^Cannot (?:connect to|start TLS with) \S+: (.*)$/s.exec(error.message)?.[1];
  return found === undefined ? error : new EchopipeError(error.code, `Cannot connect to ${shown}: ${found}`, error);
}

async function connectPlain(options: ConnectOptions, shown: string, signal: AbortSignal): Promise<Socket> {
  const { connect } = await transport();
  const { host = "127.0.0.1", port = 0, path, family, noDelay = true, keepAlive = true } = options;
  const attempt = (at: Address, signal: AbortSignal) => connect({ at, signal, noDelay, keepAlive });
  if (path !== undefined) return await attempt(unixAddress(path), signal);
  const byName = { address: host, port };
  try {
    const found = await addressesOf(host, family, shown, signal);
    const addresses = found.map((address) => ({ address, port }));
    return await firstOf(addresses, { connect: attempt, drop: (socket) => socket.close(), signal });
  } catch (error) {
    // Deno may be permitted to connect to a name, and not to look it up or to connect to its address.
    const permitted = !(error instanceof EchopipeError) || error.code !== "permission" || isIP(host) !== 0;
    if (permitted || family !== undefined) throw error;
    return await attempt(byName, signal);
  }
}

/** The addresses of a name, in the order in which they are tried. */
async function addressesOf(
  host: string,
  family: 4 | 6 | undefined,
  shown: string,
  signal: AbortSignal,
): Promise<string[]> {
  const kind = isIP(host.replace(/%.*$/, ""));
  if (kind !== 0 && family !== undefined && kind !== family) {
    const message = `Cannot connect to ${shown} over IPv${family}: it is an IPv${kind} address`;
    throw new EchopipeError("invalid-argument", message);
  }
  if (kind !== 0) return [host];
  const looking = lookup(host, { all: true, family: family ?? 0 }).catch((error) => {
    if (!/ENOTFOUND|EAI_/.test(messageOf(error))) throw systemError(`Cannot connect to ${shown}`, error);
    return [];
  });
  const found = await abortable(looking, signal);
  if (found.length > 0) return interleaved(found).map(({ address }) => address);
  const which = family === undefined ? "no address" : `no IPv${family} address`;
  throw new EchopipeError("host-not-found", `Cannot connect to ${shown}: ${which} is known for that name`);
}

/** A promise that the signal rejects with its reason. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
