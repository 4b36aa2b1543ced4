/**
 * Connecting of a peer, over TCP, TLS or UDP.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { isIP } from "node:net";
import { EchopipeError } from "../errors.ts";
import { formatAddress } from "../runtime/socket.ts";
import { resolveAddress } from "../transport/datagram.ts";
import { connect } from "../transport/open.ts";
import { systemError } from "../runtime/system_error.ts";
import { DatagramPeer } from "./datagram_peer.ts";
import type { Peer, PeerEvents, PeerSettings } from "./peer.ts";
import { type ProbeFraming, Script, type Sizes } from "./script.ts";
import { StreamPeer } from "./stream_peer.ts";

/** The server, and the way to speak to it. */
export interface ProbeTarget {
  /** Host name or address. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** Over UDP; framing and TLS do not count. Default false. */
  readonly udp?: boolean;
  /** Over TLS; `ca`: certificates to trust instead of the system's, in PEM. */
  readonly tls?: { readonly ca?: string };
  /** The framing. Default `message`. */
  readonly framing?: ProbeFraming;
  /** Time limit of connecting, and for answers, in milliseconds. */
  readonly timeoutMs: number;
}

/** The bytes that all peers of a measure send. */
export function scriptFor({ udp = false, framing = "message" }: ProbeTarget, sizes: Sizes): Script {
  return new Script(udp ? "raw" : framing, sizes);
}

/**
 * Connects a peer.
 *
 * @throws {EchopipeError} as `connect` does, `timed-out` after `timeoutMs`
 */
export async function openPeer(
  target: ProbeTarget,
  script: Script,
  settings: PeerSettings,
  events: PeerEvents,
  signal?: AbortSignal,
): Promise<Peer> {
  const { host, port, udp, tls, timeoutMs } = target;
  if (udp) return await openDatagramPeer(target, script, settings, events);
  const limit = new AbortController();
  const abort = () => limit.abort();
  const timer = setTimeout(() => {
    const where = formatAddress({ address: host, port });
    limit.abort(new EchopipeError("timed-out", `Cannot connect to ${where}: no answer in ${timeoutMs / 1000} s`));
  }, timeoutMs);
  signal?.addEventListener("abort", abort);
  try {
    const connection = await connect({ host, port, tls, signal: limit.signal });
    return new StreamPeer(connection, script, settings, events);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

async function openDatagramPeer(
  { host, port, timeoutMs }: ProbeTarget,
  script: Script,
  settings: PeerSettings,
  events: PeerEvents,
): Promise<Peer> {
  const server = await resolveAddress({ address: host, port });
  const socket = createSocket(isIP(server.address) === 6 ? "udp6" : "udp4");
  // Connected: the system passes on the server's datagrams only.
  await new Promise<void>((resolve, reject) => {
    const failed = (error: unknown) => {
      socket.close();
      reject(systemError(`Cannot send to ${formatAddress(server)}`, error));
    };
    socket.once("error", failed);
    socket.connect(port, server.address, () => {
      socket.removeListener("error", failed);
      resolve();
    });
  });
  return new DatagramPeer(socket, script, settings, timeoutMs, events);
}
