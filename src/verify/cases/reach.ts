/**
 * Section `reach`: somebody answers.
 *
 * @module
 */
import { type Case, inSection, rules } from "../case.ts";
import { EchoCheck } from "../echo_check.ts";
import { echo, endOf, judge, worst } from "../finding.ts";
import { Pattern } from "../pattern.ts";

const reach = inSection("reach");

/** Silence in which a server that speaks first would have spoken, in milliseconds. */
const SILENCE_MS = 300;

/** The cases. */
export function reachCases(): Case[] {
  return [
    reach("connect", {
      title: "a connection",
      requirement: "RFC 862, TCP Based Echo Service: a server listens for TCP connections",
      expected: "the connection is accepted",
      async run(tester) {
        await using _peer = await tester.connect();
        return { bytes: "none", ending: "none", actual: "it was accepted" };
      },
    }),
    reach("silent", {
      title: "a connection on which nothing is sent",
      requirement: rules.echo,
      expected: `no bytes and no end for ${SILENCE_MS} ms`,
      async run(tester) {
        await using peer = await tester.connect();
        const check = new EchoCheck(new Pattern(new Uint8Array(0)));
        const receiving = peer.receiveEnd(check);
        await tester.pause(Math.min(SILENCE_MS, tester.patience.ms / 2));
        const finding = judge(check, peer, true);
        peer.close();
        await receiving;
        if (finding.bytes === "failed") return { ...finding, actual: "bytes came although none were sent" };
        return finding.ending === "none"
          ? { bytes: "ok", ending: "ok", actual: "nothing came, and it stayed open" }
          : { ...finding, ending: "failed", actual: `nothing came${endOf(peer)}` };
      },
    }),
    reach("echo", {
      title: "one byte",
      requirement: rules.echo,
      expected: "it comes back",
      async run(tester) {
        await using peer = await tester.connect();
        const sent = tester.pattern("reach/echo", 1);
        return judge(await echo(peer, sent, sent.pieces(1024)), peer);
      },
    }),
    reach("again", {
      title: "20 connections, one after the other",
      requirement: rules.echo,
      expected: "each is accepted, and its bytes come back",
      async run(tester) {
        const findings = [];
        for (let i = 0; i < 20; i++) {
          await using peer = await tester.connect();
          const sent = tester.pattern(`reach/again ${i}`, 100);
          findings.push(judge(await echo(peer, sent, sent.pieces(1024)), peer));
        }
        return worst(findings, "connections");
      },
    }),
  ];
}
