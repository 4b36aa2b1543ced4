/**
 * The question before all cases: is anybody there, and does it speak what we speak?
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { formatAddress } from "../runtime/socket.ts";
import { EchoCheck } from "./echo_check.ts";
import type { Tester } from "./tester.ts";

/** Time for an answer in which TLS would show, in milliseconds. */
const ANSWER_MS = 500;
/** A TLS record with an alert, which a server of TLS sends to a client of none (RFC 8446, 5.1). */
const ALERT = [0x15, 0x03];

/**
 * Resolves if the server can be reached over TCP, or with `udp` over UDP.
 *
 * @throws {EchopipeError} `connection-refused`, `host-not-found`, `unreachable`, `timed-out`, `tls` or `io`
 */
export async function checkReachable(tester: Tester, udp: boolean): Promise<void> {
  if (udp) return await checkDatagrams(tester);
  await using peer = await tester.connect();
  if (tester.tls !== undefined) return;
  const first: number[] = [];
  const sent = tester.pattern("reachable", 10);
  const check = new EchoCheck(sent, (bytes) => first.push(...bytes.subarray(0, 2)));
  const timer = setTimeout(() => peer.close(), ANSWER_MS);
  await Promise.all([peer.send(sent.pieces(1024)), peer.receive(check)]);
  clearTimeout(timer);
  if (ALERT.every((byte, i) => first[i] === byte)) {
    throw new EchopipeError("tls", `Cannot talk to ${formatAddress(tester.target)}: it speaks TLS; expected --tls`);
  }
}

async function checkDatagrams(tester: Tester): Promise<void> {
  await using peer = await tester.datagrams();
  if (await peer.ask(tester.random("reachable", 10)) !== undefined) return;
  if (peer.failure !== undefined) throw peer.failure;
  const where = formatAddress(tester.target);
  throw new EchopipeError("timed-out", `Cannot reach ${where} over UDP: no answer to several datagrams`);
}
