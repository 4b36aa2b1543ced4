/**
 * The question before all cases: is anybody there, and does it speak what we speak?
 *
 * @module
 */
import tls from "node:tls";
import { EchopipeError } from "../errors.ts";
import { formatAddress } from "../runtime/socket.ts";
import { EchoCheck } from "./echo_check.ts";
import type { Tester } from "./tester.ts";

/** Time for an answer in which TLS would show, in milliseconds. */
const ANSWER_MS = 500;
/** The first byte of a TLS record with an alert, which a server of TLS may send to a client of none (RFC 8446, 5.1). */
const ALERT = 0x15;

/**
 * Resolves if the server can be reached over TCP, or with `udp` over UDP.
 *
 * @throws {EchopipeError} `connection-refused`, `host-not-found`, `unreachable`, `timed-out`, `tls` or `io`
 */
export async function checkReachable(tester: Tester, udp: boolean): Promise<void> {
  if (udp) return await checkDatagrams(tester);
  await using peer = await tester.connect();
  if (tester.tls !== undefined) return;
  let first: number | undefined;
  const check = new EchoCheck(tester.pattern("reachable", 10), (bytes) => first ??= bytes[0]);
  const timer = setTimeout(() => peer.close(), ANSWER_MS);
  await Promise.all([peer.send(check.sent.pieces(1024)), peer.receive(check)]);
  clearTimeout(timer);
  const ended = peer.state === "fin" || peer.state === "reset";
  if (first === ALERT || first === undefined && ended && await speaksTls(tester)) {
    throw new EchopipeError("tls", `Cannot talk to ${formatAddress(tester.target)}: it speaks TLS; expected --tls`);
  }
}

/** True if the server completes a TLS handshake, whatever its certificate. */
function speaksTls({ target: { address: host, port } }: Tester): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = tls.connect({ host, port, rejectUnauthorized: false, timeout: ANSWER_MS });
    let speaks = false;
    socket.on("error", () => {}); // followed by close
    socket.once("timeout", () => socket.destroy());
    socket.once("secureConnect", () => {
      speaks = true;
      socket.destroy();
    });
    socket.once("close", () => resolve(speaks));
  });
}

async function checkDatagrams(tester: Tester): Promise<void> {
  await using peer = await tester.datagrams();
  if (await peer.ask(tester.random("reachable", 10)) !== undefined) return;
  if (peer.failure !== undefined) throw peer.failure;
  const where = formatAddress(tester.target);
  throw new EchopipeError("timed-out", `Cannot reach ${where} over UDP: no answer to several datagrams`);
}
