/**
 * The output of `ping`.
 *
 * @module
 */
import process from "node:process";
import type { PingAnswer, PingResult } from "../src/probe/ping.ts";

/** Round-trip times that the sparkline shows at most. */
const MAX_SPARKS = 200;
const SPARKS = "▁▂▃▄▅▆▇█";

/** Milliseconds as ping writes them. */
function ms(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}

/** The line of an answer. */
export function answerLine(target: string, { sequence, outcome, bytes, rttMs }: PingAnswer): string {
  switch (outcome) {
    case "lost":
      return `seq=${sequence} lost\n`;
    case "duplicated":
      return `seq=${sequence} came once more\n`;
    case "reordered":
      return `seq=${sequence} came after a later one\n`;
    default:
      return `${bytes} bytes from ${target}: seq=${sequence} time=${ms(rttMs!)} ms` +
        `${outcome === "mismatched" ? " WRONG BYTES" : ""}\n`;
  }
}

/** The summary of a measure: counters, percentiles, jitter. */
export function summaryLines(target: string, result: PingResult, udp: boolean): string {
  const { sent, received, duplicated, reordered, mismatched, rtt, jitter, tookMs } = result;
  const lost = sent - received;
  const share = sent === 0 ? 0 : Math.round(1000 * lost / sent) / 10;
  const order = udp ? `, ${duplicated} duplicated, ${reordered} reordered` : "";
  const { mean, stdev, ...points } = rtt.summary();
  const { min, p50, p90, p99, p99_9, max } = points;
  return `--- ${target} ping statistics ---\n` +
    `${sent} sent, ${received} received, ${lost} lost (${share} %), ${mismatched} mismatched${order}, ` +
    `${(tookMs / 1000).toFixed(3)} s\n` +
    `rtt min/p50/p90/p99/p99.9/max = ${[min, p50, p90, p99, p99_9, max].map(msOf).join("/")} ms, mean ${
      msOf(mean)
    }, stdev ${msOf(stdev)}\n` +
    `jitter ${ms(jitter.value)} ms (RFC 3550, of round-trip times)\n`;
}

function msOf(us: number | null): string {
  return ms(us === null ? null : us / 1000);
}

/** The object of `--json`. */
export function pingJson(target: string, { rtt, jitter, ...counted }: PingResult): string {
  const { sent, received, duplicated, reordered, mismatched } = counted;
  return `${
    JSON.stringify({
      version: 1,
      target,
      sent,
      received,
      lost: sent - received,
      duplicated,
      reordered,
      mismatched,
      rtt_us: rtt.summary(),
      jitter_us: jitter.value === null ? null : Math.round(jitter.value * 1e4) / 10,
    })
  }\n`;
}

/** The last round-trip times as a line of bars, for a terminal. */
export class Sparkline {
  readonly #times: (number | undefined)[] = [];

  /** Takes an answer. */
  add({ outcome, rttMs }: PingAnswer): void {
    if (outcome === "duplicated" || outcome === "reordered") return;
    this.#times.push(rttMs);
    if (this.#times.length > MAX_SPARKS) this.#times.shift();
  }

  /** The line: the lowest bar is the shortest time, the highest the longest, `×` a lost one. */
  line(columns: number = process.stdout.columns || 80): string {
    const shown = this.#times.slice(-Math.max(1, columns - 1));
    const known = shown.filter((time) => time !== undefined);
    const [min, max] = [Math.min(...known), Math.max(...known)];
    const height = (time: number) => max === min ? 0 : Math.round((time - min) / (max - min) * (SPARKS.length - 1));
    return `${shown.map((time) => time === undefined ? "×" : SPARKS[height(time)]).join("")}\n`;
  }
}
