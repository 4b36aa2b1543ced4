/**
 * Section `peers`: many clients at once, each with its own echo.
 *
 * @module
 */
import { type Case, type Finding, inSection, rules } from "../case.ts";
import { EchoCheck } from "../echo_check.ts";
import { echo, judge, worst } from "../finding.ts";
import type { Peer } from "../peer.ts";
import type { Tester } from "../tester.ts";

const peers = inSection("peers");

/** Busy clients beside the quiet one. */
const BUSY = 8;
/** Messages of the quiet client, and the pause between them in milliseconds. */
const [QUESTIONS, PAUSE_MS] = [30, 20];
/** Limit of time for all of them, in milliseconds. */
const MAX_MS = 5000;
/** An answer that takes longer is late, in milliseconds. */
const LATE_MS = 1000;

/** Closes all of them. */
async function closeAll(opened: readonly Peer[]): Promise<void> {
  await Promise.all(opened.map((peer) => peer[Symbol.asyncDispose]()));
}

/** Connects so many at once, and closes all when `use` has returned. */
async function withPeers<T>(tester: Tester, count: number, use: (all: readonly Peer[]) => Promise<T>): Promise<T> {
  const attempts = await Promise.allSettled(Array.from({ length: count }, () => tester.connect()));
  const opened = attempts.filter((attempt) => attempt.status === "fulfilled").map(({ value }) => value);
  try {
    const refused = attempts.find((attempt) => attempt.status === "rejected");
    if (refused !== undefined) throw refused.reason;
    return await use(opened);
  } finally {
    await closeAll(opened);
  }
}

/** So many clients at once, each with so many bytes of its own. */
function atOnce(count: number, size: number): Case {
  return peers(count, {
    title: `${count} clients at once, each with ${size} bytes of its own`,
    requirement: rules.peers,
    expected: "each gets back its own bytes",
    run: (tester) =>
      withPeers(tester, count, async (all) =>
        worst(
          await Promise.all(all.map(async (peer, i) => {
            const sent = tester.pattern(`peers/${count} ${i}`, size);
            return judge(await echo(peer, sent, sent.pieces(8192)), peer);
          })),
          "clients",
        )),
  });
}

/** The cases. */
export function peersCases(): Case[] {
  return [
    atOnce(2, 100),
    atOnce(10, 100_000),
    atOnce(100, 20_000),
    peers("idle", {
      title: "a client beside 100 that are connected and silent",
      requirement: rules.peers,
      expected: "it is served",
      run: (tester) =>
        withPeers(tester, 100, async () => {
          await using peer = await tester.connect();
          const sent = tester.pattern("peers/idle", 100_000);
          return judge(await echo(peer, sent, sent.pieces(65536)), peer);
        }),
    }),
    peers("turns", {
      title: "2 clients that send in turn, 100 times each",
      requirement: rules.peers,
      expected: "each gets back its own bytes",
      run: (tester) =>
        withPeers(tester, 2, async (all) => {
          const checks = all.map((_, i) => new EchoCheck(tester.pattern(`turns ${i}`, 50, 100)));
          const length = checks[0].sent.length / 100;
          for (let turn = 0; turn < 100; turn++) {
            for (const [i, peer] of all.entries()) await peer.send(checks[i].sent.view(turn * length, length));
            await Promise.all(all.map((peer, i) => peer.receive(checks[i], (turn + 1) * length)));
            if (all.some((peer) => peer.state !== "open")) break;
          }
          return worst(all.map((peer, i) => judge(checks[i], peer)), "clients");
        }),
    }),
    peers("fairness", {
      title: `a quiet client beside ${BUSY} busy ones`,
      requirement: `${rules.peers}; an answer within ${LATE_MS} ms is this project's own measure`,
      expected: `each of its ${QUESTIONS} messages comes back within ${LATE_MS} ms`,
      run: (tester) => withPeers(tester, BUSY, (busy) => quietBeside(tester, busy)),
    }),
  ];
}

async function quietBeside(tester: Tester, busy: readonly Peer[]): Promise<Finding> {
  await using quiet = await tester.connect();
  // Each sends when its last bytes are back: more would wait in the queues of this side, not of the server.
  const load = busy.map(async (peer, i) => {
    const sent = tester.pattern(`busy ${i}`, 65536);
    while (peer.state === "open") await echo(peer, sent, sent.pieces(65536));
  });
  const times: number[] = [];
  let finding: Finding = { bytes: "none", ending: "none", actual: "nothing was sent" };
  const limit = performance.now() + MAX_MS;
  while (times.length < QUESTIONS && quiet.state === "open" && performance.now() < limit && !tester.stopped) {
    const began = performance.now();
    const sent = tester.pattern(`quiet ${times.length}`, 50);
    finding = judge(await echo(quiet, sent, sent.pieces(1024)), quiet);
    times.push(performance.now() - began);
    await tester.pause(PAUSE_MS);
  }
  for (const peer of busy) peer.close();
  await Promise.all(load);
  if (finding.bytes !== "ok") return finding;
  times.sort((a, b) => a - b);
  const [median, longest] = [times[times.length >> 1], times.at(-1)!];
  const actual = `answers took ${median.toFixed(1)} ms in the median, ${longest.toFixed(1)} ms at the longest`;
  return { bytes: longest > LATE_MS ? "not-strict" : "ok", ending: "none", actual };
}
