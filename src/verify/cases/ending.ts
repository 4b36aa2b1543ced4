/**
 * Section `ending`: all that was sent comes back before the end, and then the connection ends properly.
 *
 * @module
 */
import { type Case, type CaseBody, type Finding, inSection, rules } from "../case.ts";
import { EchoCheck } from "../echo_check.ts";
import { echo, echoToEnd, endOf, judge, worst } from "../finding.ts";
import { Pattern } from "../pattern.ts";
import { resetConnection } from "../reset.ts";
import type { Tester } from "../tester.ts";
import type { WireName } from "../wire.ts";

const ending = inSection("ending");

/** Bytes of a transfer that is under way when something happens to it. */
const IN_FLIGHT = 1_000_000;

/** Runs in a row, of which one that loses bytes is enough. */
async function times(count: number, tester: Tester, run: (i: number) => Promise<Finding>): Promise<Finding> {
  const findings: Finding[] = [];
  for (let i = 0; i < count && !tester.stopped; i++) findings.push(await run(i));
  return worst(findings);
}

/** Sends so many bytes and the end behind them, many times. */
function halfCloses(size: number, runs: number): CaseBody {
  return {
    title: `${runs} half-closes, each at once after ${size} bytes`,
    requirement: rules.halfClose,
    expected: "all bytes come back, then the server ends, too (FIN)",
    run: (tester) =>
      times(runs, tester, async (i) => {
        await using peer = await tester.connect();
        const sent = tester.pattern(`half-close ${size} ${i}`, size);
        return judge(await echoToEnd(peer, sent, sent.pieces(65536)), peer, true);
      }),
  };
}

/** The next client is served. */
async function nextIsServed(tester: Tester, name: string): Promise<Finding> {
  await using peer = await tester.connect();
  const sent = tester.pattern(`next ${name}`, 1000);
  const { bytes, actual } = judge(await echo(peer, sent, sent.pieces(1024)), peer);
  return { bytes, ending: "none", actual: `the next client: ${actual}` };
}

/** The cases for a framing. */
export function endingCases(framing: WireName): Case[] {
  const cases = [
    ending("half-close", halfCloses(IN_FLIGHT, 20)),
    ending("half-close-small", halfCloses(100, 20)),
    ending("half-close-late", {
      title: "a half-close after everything has come back",
      requirement: rules.halfClose,
      expected: "the server ends, too (FIN), and sends nothing more",
      async run(tester) {
        await using peer = await tester.connect();
        const sent = tester.pattern("half-close-late", 5000);
        const check = await echo(peer, sent, sent.pieces(1024));
        if (!check.complete) return judge(check, peer);
        await Promise.all([peer.end(), peer.receiveEnd(check)]);
        return judge(check, peer, true);
      },
    }),
    ending("fin-first", {
      title: "a half-close before any data",
      requirement: rules.halfClose,
      expected: "the server ends, too (FIN), and sends nothing",
      async run(tester) {
        await using peer = await tester.connect();
        const check = await echoToEnd(peer, new Pattern(new Uint8Array(0)), []);
        if (check.difference !== undefined) {
          return { bytes: "failed", ending: "none", actual: "bytes came, none were sent" };
        }
        return { ...judge(check, peer, true), actual: `nothing came${endOf(peer)}` };
      },
    }),
    ending("half-close-unread", {
      title: "a half-close after 200,000 bytes, and nothing is read for half a second",
      requirement: rules.halfClose,
      expected: "all bytes come back, then the server ends, too (FIN)",
      async run(tester) {
        await using peer = await tester.connect();
        const sent = tester.pattern("half-close-unread", 200_000);
        const check = new EchoCheck(sent);
        const sending = peer.send(sent.pieces(65536)).then(() => peer.end());
        await tester.pause(500);
        await Promise.all([sending, peer.receiveEnd(check)]);
        return judge(check, peer, true);
      },
    }),
    ending("half-close-slow", {
      title: "a half-close after 8 MiB that are read a little at a time",
      requirement: rules.halfClose,
      expected: "all bytes come back, then the server ends, too (FIN)",
      async run(tester) {
        await using peer = await tester.connect();
        const sent = tester.pattern("half-close-slow", 65536, 128);
        const check = new EchoCheck(sent);
        const sending = peer.send(sent.pieces(65536)).then(() => peer.end());
        for (let until = 65536; until < sent.length && peer.state === "open"; until += 65536) {
          await peer.receive(check, until);
          await tester.pause(5);
        }
        await Promise.all([sending, peer.receiveEnd(check)]);
        return judge(check, peer, true);
      },
    }),
    ending("stays-open", {
      title: "10 pieces, and a second of silence before the last",
      requirement: "RFC 862, TCP Based Echo Service: this continues until the calling user terminates the connection",
      expected: "the server does not end the connection",
      async run(tester) {
        await using peer = await tester.connect();
        const sent = tester.pattern("stays-open", 200, 10);
        const check = new EchoCheck(sent);
        for (let i = 1; i <= 10; i++) {
          if (i === 10) await tester.pause(1000);
          const length = sent.length / 10;
          await Promise.all([peer.send(sent.view((i - 1) * length, length)), peer.receive(check, i * length)]);
        }
        const finding = judge(check, peer);
        const stayed = peer.state === "open";
        return {
          ...finding,
          ending: stayed ? "ok" : "failed",
          actual: `${finding.actual}${stayed ? "" : endOf(peer)}`,
        };
      },
    }),
    ending("reset-then-next", {
      title: "20 clients that reset in the middle of a transfer, each with another after it",
      requirement: rules.reset,
      expected: "the next client is served",
      run: (tester) =>
        times(20, tester, async (i) => {
          await resetConnection(tester, tester.frame(tester.random("reset", IN_FLIGHT)), i % 5);
          return await nextIsServed(tester, `reset ${i}`);
        }),
    }),
    ending("close-while-writing", {
      title: "10 clients that leave while the server writes to them",
      requirement: rules.reset,
      expected: "the next client is served",
      run: (tester) =>
        times(10, tester, async (i) => {
          await using peer = await tester.connect();
          const sent = tester.pattern(`leave ${i}`, IN_FLIGHT);
          const check = new EchoCheck(sent);
          const sending = peer.send(sent.pieces(65536));
          await peer.receive(check, 1);
          peer.close(); // with unread bytes: a reset
          await sending;
          return await nextIsServed(tester, `leave ${i}`);
        }),
    }),
  ];
  if (framing === "line") {
    cases.push(ending("unfinished-line", {
      title: "a line without an end, then a half-close",
      requirement: "echopipe, docs/protocol.md: lines need not end",
      expected: "it comes back, then the server ends, too (FIN)",
      async run(tester) {
        await using peer = await tester.connect();
        const sent = new TextEncoder().encode("~ a line\nand one without an end");
        return judge(await echoToEnd(peer, new Pattern(sent), [sent]), peer, true);
      },
    }));
  }
  return cases;
}
