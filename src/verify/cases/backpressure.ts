/**
 * Section `backpressure`: clients that do not read.
 *
 * @module
 */
import { type Case, inSection, rules } from "../case.ts";
import { EchoCheck } from "../echo_check.ts";
import { echo, judge } from "../finding.ts";
import type { Pattern } from "../pattern.ts";
import type { Peer } from "../peer.ts";
import type { Tester } from "../tester.ts";

const backpressure = inSection("backpressure");

const MIB = 1024 * 1024;
/** Bytes sent without reading. What the systems of both ends buffer is less. */
const UNREAD = 48 * MIB;
/** Time without any being accepted after which the sender counts as stopped, in milliseconds. */
const STOPPED_MS = 300;

/** Sends and does not read, until nothing more is accepted. `sending` goes on once somebody reads. */
async function fill(tester: Tester, peer: Peer, sent: Pattern): Promise<{ sending: Promise<void>; accepted: number }> {
  let done = false;
  const sending = peer.send(sent.pieces(65536)).then(() => void (done = true));
  let accepted = -1;
  while (!done && !tester.stopped && accepted !== peer.sent) {
    accepted = peer.sent;
    await tester.pause(Math.min(STOPPED_MS, tester.patience.ms / 3));
  }
  return { sending, accepted: peer.sent };
}

/** The cases. */
export function backpressureCases(): Case[] {
  return [
    backpressure("pause", {
      title: "a client that sends 48 MiB and does not read until it can send no more",
      requirement: rules.window,
      expected: "the server stops reading; once the client reads, all comes back",
      async run(tester) {
        await using peer = await tester.connect();
        const sent = tester.pattern("backpressure/pause", MIB, UNREAD / MIB);
        const { sending, accepted } = await fill(tester, peer, sent);
        const check = new EchoCheck(sent);
        await Promise.all([sending, peer.receive(check)]);
        const finding = judge(check, peer);
        const taken = `${(accepted / 1e6).toFixed(1)} MB were accepted before anything was read`;
        const unlimited = accepted >= UNREAD && finding.bytes === "ok";
        return { ...finding, bytes: unlimited ? "not-strict" : finding.bytes, actual: `${taken}; ${finding.actual}` };
      },
    }),
    backpressure("slow", {
      title: "a client that reads 4 MiB a little at a time",
      requirement: rules.window,
      expected: "all of it comes back",
      async run(tester) {
        await using peer = await tester.connect();
        const sent = tester.pattern("backpressure/slow", 65536, 64);
        const check = new EchoCheck(sent);
        const sending = peer.send(sent.pieces(65536));
        for (let until = 1; until < sent.length && peer.state === "open"; until += 65536) {
          await peer.receive(check, until);
          await tester.pause(5);
        }
        await Promise.all([sending, peer.receive(check)]);
        return judge(check, peer);
      },
    }),
    backpressure("others", {
      title: "a client beside one that does not read",
      requirement: rules.peers,
      expected: "it is served",
      async run(tester) {
        await using silent = await tester.connect();
        const { sending } = await fill(tester, silent, tester.pattern("silent", MIB, UNREAD / MIB));
        await using peer = await tester.connect();
        const sent = tester.pattern("beside", 100_000);
        const finding = judge(await echo(peer, sent, sent.pieces(65536)), peer);
        silent.close();
        await sending;
        return finding;
      },
    }),
  ];
}
