/**
 * The chat server: a port for datagrams before a room.
 *
 * @module
 */
import { messageOf } from "../../errors.ts";
import { type Address, formatAddress } from "../../runtime/socket.ts";
import { noLog, type ServiceLog } from "../../service_log.ts";
import type { Datagram, DatagramPort } from "../../transport/datagram.ts";
import { type Environment, system } from "../environment.ts";
import { AddressLimits } from "../../rate.ts";
import { networkOf } from "../../addresses.ts";
import type { RefuseReason } from "../room/events.ts";
import type { ChatRoom } from "../room/room.ts";
import { TakenRequests } from "./taken_requests.ts";
import { decodePacket, encodeChallenge, encodeRefuse, routeOf } from "./datagrams.ts";
import { acceptJoin, Cookies, type Join } from "./handshake.ts";
import { Session, type SessionContext } from "./session.ts";

/** Rate at which an address may join; several members may share one. */
const JOINS = { perSecond: 20, atOnce: 100 };
/** Most addresses that are remembered for it. */
const MAX_ADDRESSES = 4096;
/** Most members of one address; beyond it the room is full for it. */
const MEMBERS_OF_ADDRESS = 64;
/** Source ports below this belong to services, which answer what they do not understand. */
const MIN_PORT = 1024;

/** Options of {@linkcode serveChat}. */
export interface ChatServerOptions {
  /** Default: none. */
  readonly log?: ServiceLog;
  /** The most sessions, those that have just ended included: beyond it the room is full. Default 1024. */
  readonly sessions?: number;
  /** Most events that may wait for a member that takes nothing in, before it leaves the room. Default 4096. */
  readonly queue?: number;
  /** Default: the system's. */
  readonly environment?: Environment;
}

/** A chat server that runs. */
export interface ChatServer extends AsyncDisposable {
  /** The address it listens on. */
  readonly address: Address;
  /** Number of sessions. */
  readonly sessions: number;
  /** Bytes received and sent. */
  readonly traffic: { readonly received: number; readonly sent: number };
  /** Resolves when it has stopped; rejects if the port failed. */
  readonly stopped: Promise<void>;
  /** Tells every member that the server stops, and closes the port. */
  stop(): Promise<void>;
}

/**
 * Serves a room over datagrams. Who has not proven its address costs no memory and gets no more bytes than it sent:
 *
 * ```text
 * hello --> challenge (stateless cookie)     join (with the cookie) --> a session of its own
 * ```
 *
 * Each session is a stream of its peer's datagrams through the stages decode, member and encode.
 */
export function serveChat(port: DatagramPort, room: ChatRoom, options: ChatServerOptions = {}): ChatServer {
  const { log = noLog, sessions: most = 1024, queue = 4096, environment = system } = options;
  const sessions = new Map<string, Session>();
  const byNonce = new Map<string, Session>();
  const limits = new AddressLimits(JOINS, MAX_ADDRESSES);
  const cookies = new Cookies(environment);
  const writer = port.writable.getWriter();
  const traffic = { received: 0, sent: 0 };
  let stopping: Promise<void> | undefined;

  const send = (datagram: Datagram) => {
    traffic.sent += datagram.bytes.length;
    return writer.write(datagram);
  };
  const facts = (session: Session) => ({ name: session.name, peer: formatAddress(session.address) });
  const context: SessionContext = {
    room,
    cookies,
    taken: new TakenRequests(),
    environment,
    queue,
    send,
    joined: (session) => log.record("info", "member.joined", `${session} joined`, facts(session)),
    refused: (session, text) => log.record("warn", "member.refused", text, facts(session)),
    left: (session, reason) =>
      log.record("info", "member.left", `${session} left: ${reason}`, { ...facts(session), reason }),
    moved: (session, from) =>
      log.record("info", "member.moved", `${session} was at ${formatAddress(from)} before`, facts(session)),
  };

  const refusal = ({ peer }: Datagram): RefuseReason | undefined => {
    if (stopping !== undefined) return "stopped";
    if (sessions.size >= most) return "room-full";
    const group = networkOf(peer.address);
    const same = [...sessions.values()].filter(({ address }) => networkOf(address.address) === group);
    return same.length >= MEMBERS_OF_ADDRESS ? "room-full" : undefined;
  };

  const open = async (datagram: Datagram, join: Join, nonce: string) => {
    const reason = refusal(datagram);
    if (reason !== undefined) return await send({ bytes: encodeRefuse(join.nonce, reason), peer: datagram.peer });
    const accepted = acceptJoin(join, environment.random);
    if (accepted === undefined) return;
    const session = new Session(join, datagram.peer, accepted, context);
    const id = key(session.id);
    sessions.set(id, session);
    byNonce.set(nonce, session);
    void session.done.then(() => {
      sessions.delete(id);
      byNonce.delete(nonce);
    });
    session.deliver(datagram);
  };

  /**
   * A hello or a join: answered without keeping anything, until there is a good cookie. Only what is proven by one counts for
   * the limit of its address: forged hellos must not use it up.
   */
  const greet = async (datagram: Datagram, nonce: string) => {
    const { bytes, peer } = datagram;
    const packet = decodePacket(bytes);
    if (packet?.type === "hello") {
      await send({ bytes: encodeChallenge(packet.nonce, cookies.make(peer, packet.nonce)), peer });
    } else if (packet?.type === "join" && cookies.check(packet.cookie, peer, packet.nonce)) {
      if (!limits.admit(peer.address, environment.clock.now())) return;
      const known = byNonce.get(nonce);
      if (known !== undefined) known.deliver(datagram);
      else await open(datagram, packet, nonce);
    }
  };

  const run = async () => {
    for await (const datagram of port.readable) {
      const { bytes, peer } = datagram;
      traffic.received += bytes.length;
      // A service, or another server: two that answer each other would never end.
      if (peer.port < MIN_PORT || peer.port === port.address.port) continue;
      const route = routeOf(bytes);
      if (route === undefined) continue;
      if (route.type === "session") sessions.get(key(route.key))?.deliver(datagram);
      else await greet(datagram, key(route.key));
    }
  };
  const stop = async () => {
    for (const session of sessions.values()) session.leave("stopped");
    for (const session of sessions.values()) session.end();
    await Promise.all([...sessions.values()].map((session) => session.done));
    await port.close();
  };

  const stopped = run().catch((error: unknown) => {
    log.record("error", "chat.failed", messageOf(error));
    throw error;
  }).finally(() => {
    for (const session of sessions.values()) session.end();
  });
  stopped.catch(() => {}); // whoever asks for it hears of it
  return {
    address: port.address,
    get sessions() {
      return sessions.size;
    },
    traffic,
    stopped,
    stop: () => stopping ??= stop(),
    [Symbol.asyncDispose]: () => stopping ??= stop(),
  };
}

function key(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
