/**
 * Section `bytes`: what is sent comes back, whatever it is and however it is cut.
 *
 * @module
 */
import { createXXHash128 } from "hash-wasm";
import { type Case, type CaseBody, type Finding, inSection, rules } from "../case.ts";
import { EchoCheck } from "../echo_check.ts";
import { echo, judge, judgeWithExcess } from "../finding.ts";
import { FIRST, Pattern, piecesOf, randomCuts } from "../pattern.ts";
import type { Tester } from "../tester.ts";
import { messageBytes, type WireName } from "../wire.ts";
import { firstByteCase } from "./first_byte.ts";

const bytes = inSection("bytes");

const MIB = 1024 * 1024;

/** Sizes of 1 byte to 1 MiB: each power of two, one less, one more. */
const sizes = [
  ...new Set(Array.from({ length: 21 }, (_, power) => [2 ** power - 1, 2 ** power, 2 ** power + 1]).flat()),
].filter((size) => size > 0);

/** A case that sends `make(tester)` in pieces, and expects it back. */
function comesBack(
  title: string,
  make: (tester: Tester) => Uint8Array,
  cut: (bytes: Uint8Array, tester: Tester) => Iterable<Uint8Array> = (bytes) => [bytes],
): CaseBody {
  return {
    title,
    requirement: rules.echo,
    expected: "the same bytes come back, and no others",
    async run(tester) {
      await using peer = await tester.connect();
      const sent = tester.frame(make(tester));
      return await judgeWithExcess(await echo(peer, new Pattern(sent), cut(sent, tester)), peer);
    },
  };
}

/** Every value, up and down, after a byte that no server takes for a protocol. */
function everyValue(): Uint8Array {
  const values = Uint8Array.from({ length: 256 }, (_, value) => value);
  return Uint8Array.of(FIRST, ...values, ...values.toReversed());
}

const text = new TextEncoder().encode("~ Grüße, Привет, 你好, 👋🏽\r\n".repeat(100));
const ends = new TextEncoder().encode("~\n\r\n\r\r\n\n\n\r\r\r\n \n\t\r\n\0\n".repeat(50));
/** Commands of telnet (RFC 854), XON and XOFF, the end of a file on DOS, escape sequences. */
const controls = Uint8Array.of(
  FIRST,
  255,
  253,
  3,
  255,
  251,
  24,
  255,
  255,
  255,
  244,
  17,
  19,
  26,
  4,
  3,
  27,
  91,
  99,
  8,
  127,
);

/** The cases for a framing. */
export function bytesCases(framing: WireName): Case[] {
  const cases = [
    bytes("every-value", comesBack("every value of a byte", everyValue)),
    bytes("zeros", comesBack("64 KiB of zeros", () => new Uint8Array(65536).fill(FIRST, 0, 1))),
    bytes("text", comesBack("UTF-8, cut inside its characters", () => text, (sent) => piecesOf(sent, 7))),
    bytes("line-ends", comesBack("line ends of all kinds", () => ends)),
    bytes("controls", comesBack("control characters, and commands of telnet", () => controls)),
    ...sizes.map((size) =>
      bytes(size, comesBack(size === 1 ? "1 byte" : `${size} bytes`, (tester) => tester.random(`bytes/${size}`, size)))
    ),
    bytes(
      "one-by-one",
      comesBack(
        "4096 bytes in as many writes",
        (tester) => tester.random("one-by-one", 4096),
        (sent) => piecesOf(sent, 1),
      ),
    ),
    ...[10, 100, 1000, 5000, 20_000, 100_000].map((max) =>
      bytes(
        `cuts-${max}`,
        comesBack(
          `random cuts into pieces of at most ${max} bytes`,
          (tester) => tester.random(`cuts-${max}`, Math.min(MIB, 500 * max)),
          (sent, tester) => randomCuts(tester.seedOf(`cut ${max}`), sent, max),
        ),
      )
    ),
    bytes("64MiB", {
      title: "64 MiB, sent and received at once",
      requirement: rules.echo,
      expected: "the same bytes come back, with the same digest (XXH128)",
      run: sixtyFourMebibytes,
    }),
  ];
  if (framing === "raw") cases.push(firstByteCase());
  if (framing === "message") {
    cases.push(
      bytes("data-kind", {
        title: "a message of kind data",
        requirement: "echopipe, docs/protocol.md: echo returns text and data with their kind",
        expected: "it comes back with its kind",
        async run(tester) {
          await using peer = await tester.connect();
          const sent = messageBytes("data", tester.random("data-kind", 1000));
          const finding = judge(await echo(peer, new Pattern(sent), [sent]), peer);
          // Two bits of the length, to servers of plain length prefixes.
          return finding.bytes === "failed" ? { ...finding, bytes: "not-strict" } : finding;
        },
      }),
      bytes(0, comesBack("an empty message", () => new Uint8Array(0))),
      bytes("16MiB-message", comesBack("a message of 16 MiB", (tester) => tester.random("16MiB-message", 16 * MIB))),
    );
  }
  return cases;
}

async function sixtyFourMebibytes(tester: Tester): Promise<Finding> {
  await using peer = await tester.connect();
  const sent = tester.pattern("bytes/64MiB", MIB, 64);
  const [there, back] = await Promise.all([createXXHash128(), createXXHash128()]);
  const check = new EchoCheck(sent, (bytes) => void back.update(bytes));
  const hashed = function* () {
    for (const piece of sent.pieces(65536)) {
      there.update(piece);
      yield piece;
    }
  };
  await Promise.all([peer.send(hashed()), peer.receive(check)]);
  const finding = await judgeWithExcess(check, peer);
  if (finding.bytes !== "ok") return finding;
  const [expected, found] = [there.digest(), back.digest()];
  if (expected === found) return { ...finding, actual: `${finding.actual}, digest ${found}` };
  return { ...finding, bytes: "failed", actual: `the digest is ${found}, expected ${expected}` };
}
