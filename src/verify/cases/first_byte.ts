/**
 * The case `bytes/first`, of section `bytes`: every value as the first byte of a connection.
 *
 * @module
 */
import { type Case, inSection } from "../case.ts";
import { echo } from "../finding.ts";
import { Pattern } from "../pattern.ts";
import type { Tester } from "../tester.ts";

/** Connections at once. */
const AT_ONCE = 16;
/** Time for an answer, in milliseconds: a server that reads a header waits for more. */
const ANSWER_MS = 500;

/** The case. */
export function firstByteCase(): Case {
  return inSection("bytes")("first", {
    title: "every value as the first byte of a connection",
    requirement: "RFC 862, TCP Based Echo Service: any data received is sent back; no value is another protocol",
    expected: "256 connections, and the byte comes back on each",
    async run(tester) {
      const lost: number[] = [];
      for (let first = 0; first < 256 && !tester.stopped; first += AT_ONCE) {
        const values = Array.from({ length: AT_ONCE }, (_, i) => first + i);
        const back = await Promise.all(values.map((value) => comesBack(tester, value)));
        lost.push(...values.filter((_, i) => !back[i]));
      }
      if (lost.length === 0) return { bytes: "ok", ending: "none", actual: "each came back" };
      const shown = lost.slice(0, 8).map((value) => `0x${value.toString(16).padStart(2, "0")}`).join(" ");
      const actual = `not echoed as the first byte: ${shown}${lost.length > 8 ? ` and ${lost.length - 8} more` : ""}`;
      // Some values: the server tells protocols apart by them. Most of them: it does not echo.
      return { bytes: lost.length > 128 ? "failed" : "not-strict", ending: "none", actual };
    },
  });
}

async function comesBack(tester: Tester, value: number): Promise<boolean> {
  await using peer = await tester.connect();
  const timer = setTimeout(() => peer.close(), Math.min(ANSWER_MS, tester.patience.ms));
  const bytes = Uint8Array.of(value);
  const check = await echo(peer, new Pattern(bytes), [bytes]);
  clearTimeout(timer);
  return check.complete;
}
