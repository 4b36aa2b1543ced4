/**
 * Section `boundaries`: nothing waits until a buffer is full.
 *
 * @module
 */
import { type Case, type Finding, inSection, rules } from "../case.ts";
import { EchoCheck } from "../echo_check.ts";
import { echo, judge, worst } from "../finding.ts";
import { Pattern, randomNumbers } from "../pattern.ts";
import type { Peer } from "../peer.ts";
import type { Tester } from "../tester.ts";
import { joined, type WireName } from "../wire.ts";

const boundaries = inSection("boundaries");

/** Sizes about those of usual buffers. */
const sizes = [
  1,
  2,
  10,
  100,
  500,
  511,
  512,
  513,
  1000,
  1023,
  1024,
  1025,
  1460,
  1461,
  2049,
  4095,
  4096,
  4097,
  8193,
  16385,
];
sizes.push(32769, 65537);

/** Sends pieces, each when the one before it has come back. */
async function oneByOne(peer: Peer, pieces: readonly Uint8Array[]): Promise<Finding> {
  const check = new EchoCheck(new Pattern(joined(pieces)));
  let sent = 0;
  for (const [i, piece] of pieces.entries()) {
    sent += piece.length;
    await Promise.all([peer.send(piece), peer.receive(check, sent)]);
    if (check.matched === sent && check.difference === undefined) continue;
    const { actual, ...verdicts } = judge(check, peer);
    return { ...verdicts, actual: `at piece ${i + 1} of ${pieces.length}, of ${piece.length} bytes: ${actual}` };
  }
  return judge(check, peer);
}

/** The cases for a framing. */
export function boundariesCases(framing: WireName): Case[] {
  const pieces = (tester: Tester, name: string, lengths: readonly number[]) =>
    lengths.map((length, i) => tester.frame(tester.random(`${name} ${i}`, length)));
  const eachBack = (title: string, name: string, lengths: (tester: Tester) => readonly number[]) => ({
    title,
    requirement: rules.boundaries,
    expected: "each comes back before the next one is sent",
    async run(tester: Tester) {
      await using peer = await tester.connect();
      return await oneByOne(peer, pieces(tester, name, lengths(tester)));
    },
  });
  const randomLengths = (tester: Tester, name: string, count: number, max: number) => {
    const next = randomNumbers(tester.seedOf(name));
    return Array.from({ length: count }, () => 1 + next() % max);
  };
  const cases = [
    ...sizes.map((size) =>
      boundaries(
        size,
        eachBack(`3 pieces of ${size} byte${size === 1 ? "" : "s"}`, `boundaries/${size}`, () => [size, size, size]),
      )
    ),
    boundaries(
      "mixed",
      eachBack("64 pieces of 1 to 3000 bytes", "mixed", (tester) => randomLengths(tester, "mixed", 64, 3000)),
    ),
    boundaries(
      "many",
      eachBack("1000 pieces of 1 to 64 bytes", "many", (tester) => randomLengths(tester, "many", 1000, 64)),
    ),
    boundaries("pause", {
      title: "a piece, half a second of silence, another piece",
      requirement: rules.boundaries,
      expected: "both come back, at once",
      async run(tester) {
        await using peer = await tester.connect();
        const findings: Finding[] = [];
        for (const name of ["before", "after"]) {
          findings.push(await oneByOne(peer, pieces(tester, name, [100])));
          await tester.pause(500);
        }
        return worst(findings, "pieces");
      },
    }),
  ];
  if (framing === "line") {
    cases.push(inOneWrite("lines", "100 lines in one write", 80), cutEverywhere("line-cut", "a line", 30));
  }
  if (framing === "message") {
    cases.push(
      inOneWrite("messages", "100 messages in one write", 80),
      cutEverywhere("header-cut", "a message", 4),
      boundaries("empty", eachBack("3 empty messages", "empty", () => [0, 0, 0])),
    );
  }
  return cases;
}

function inOneWrite(name: string, title: string, length: number): Case {
  return boundaries(name, {
    title,
    requirement: rules.boundaries,
    expected: "all come back",
    async run(tester) {
      await using peer = await tester.connect();
      const all = joined(Array.from({ length: 100 }, (_, i) => tester.frame(tester.random(`${name} ${i}`, length))));
      return judge(await echo(peer, new Pattern(all), [all]), peer);
    },
  });
}

function cutEverywhere(name: string, what: string, length: number): Case {
  return boundaries(name, {
    title: `${what} in two parts with a pause between, cut at each place`,
    requirement: rules.boundaries,
    expected: "it comes back each time",
    async run(tester) {
      await using peer = await tester.connect();
      const findings: Finding[] = [];
      const frame = tester.frame(tester.random(name, length));
      for (let at = 1; at < frame.length && peer.state === "open"; at++) {
        const cut = function* () {
          yield frame.subarray(0, at);
          yield frame.subarray(at);
        };
        findings.push(judge(await echo(peer, new Pattern(frame), cut()), peer));
      }
      return worst(findings, "cuts");
    },
  });
}
