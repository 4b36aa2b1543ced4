/**
 * The text form of faults.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Fault } from "./fault.ts";

const MILLISECONDS: Readonly<Record<string, number>> = { us: 1e-3, µs: 1e-3, ms: 1, s: 1000 };
const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  KiB: 2 ** 10,
  MB: 1e6,
  MiB: 2 ** 20,
  GB: 1e9,
  GiB: 2 ** 30,
};

/** A number and its unit; undefined: it is not one. */
function quantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([A-Za-zµ]*)$/.exec(text) ?? [];
  return number !== undefined && Object.hasOwn(units, unit) ? Number(number) * units[unit] : undefined;
}

/** A number of bytes, no less than `min`. */
function bytesFrom(min: number, text: string): number | undefined {
  const bytes = Math.floor(quantity(text, BYTES) ?? NaN);
  return bytes >= min && bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined;
}

/** `50ms`, `50ms±10ms`, `50ms±10`; the same with `+-`. */
function parseLatency(text: string): Fault | undefined {
  const [delay, jitter, ...more] = text.split(/±|\+-/);
  const delayMs = quantity(delay, MILLISECONDS);
  const unit = /[a-zµ]+$/.exec(delay)?.[0] ?? "";
  const jitterMs = jitter === undefined ? 0 : quantity(/[a-zµ]$/.test(jitter) ? jitter : jitter + unit, MILLISECONDS);
  if (delayMs === undefined || jitterMs === undefined || more.length > 0) return undefined;
  if (delayMs > 3_600_000 || jitterMs > delayMs) return undefined;
  return { name: "latency", delayMs, jitterMs };
}

function parseThrottle(text: string): Fault | undefined {
  const bytesPerSecond = text.endsWith("/s") ? bytesFrom(1, text.slice(0, -2)) : undefined;
  return bytesPerSecond === undefined || bytesPerSecond > 2 ** 40 ? undefined : { name: "throttle", bytesPerSecond };
}

function parseCorrupt(text: string): Fault | undefined {
  const probability = /^(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN;
  return probability >= 0 && probability <= 1 ? { name: "corrupt", probability } : undefined;
}

const sized = (name: "slice" | "cut" | "reset" | "stall", min: number) => (text: string): Fault | undefined => {
  const bytes = bytesFrom(min, text);
  return bytes === undefined ? undefined : { name, bytes };
};

/** A parser of a fault's value, and the value that it expects. */
interface Grammar {
  readonly parse: (text: string) => Fault | undefined;
  readonly expected: string;
}

const grammars: Readonly<Record<Fault["name"], Grammar>> = {
  latency: { parse: parseLatency, expected: "a delay up to 1 h and a jitter no longer, such as 50ms or 50ms±10ms" },
  throttle: { parse: parseThrottle, expected: "bytes a second, such as 1MiB/s or 500B/s" },
  slice: { parse: sized("slice", 1), expected: "a number of bytes from 1, such as 3" },
  corrupt: { parse: parseCorrupt, expected: "a probability from 0 to 1, such as 0.000001" },
  cut: { parse: sized("cut", 0), expected: "a number of bytes, such as 1MiB" },
  reset: { parse: sized("reset", 0), expected: "a number of bytes, such as 1MiB" },
  stall: { parse: sized("stall", 0), expected: "a number of bytes, such as 1MiB" },
};

/**
 * Parses faults: `NAME=VALUE`, separated by commas, in the order in which they take effect.
 *
 * ```text
 * latency=50ms  latency=50ms±10ms  latency=50ms+-10ms     throttle=1MiB/s     slice=3
 * corrupt=0.000001     cut=1MiB     reset=1MiB     stall=1MiB
 * ```
 *
 * Units: `us`, `ms`, `s`; `B` (or none), `kB`, `KiB`, `MB`, `MiB`, `GB`, `GiB`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseFaults } from "echopipe/faults";
 *
 * assert.deepEqual(parseFaults("latency=50ms±10ms,cut=1KiB"), [
 *   { name: "latency", delayMs: 50, jitterMs: 10 },
 *   { name: "cut", bytes: 1024 },
 * ]);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for an unknown name, a wrong value, or a fault that is given twice
 */
export function parseFaults(text: string): Fault[] {
  const faults: Fault[] = [];
  for (const part of text.split(",")) {
    const [, name, value] = /^\s*([^=]*)=(.*?)\s*$/.exec(part) ?? [];
    if (name === undefined || !Object.hasOwn(grammars, name)) {
      throw wrong(part, `NAME=VALUE with one of ${Object.keys(grammars).join(", ")}`);
    }
    const { parse, expected } = grammars[name as Fault["name"]];
    const fault = parse(value);
    if (fault === undefined) throw wrong(part, expected);
    faults.push(fault);
  }
  return onlyOnce(faults);
}

/** Returns the faults, none of them twice. */
export function onlyOnce(faults: Fault[]): Fault[] {
  const twice = faults.find(({ name }, i) => faults.some((other, j) => j < i && other.name === name));
  if (twice === undefined) return faults;
  throw new EchopipeError("invalid-argument", `Cannot use faults: ${twice.name} is given twice; expected it once`);
}

function wrong(part: string, expected: string): EchopipeError {
  return new EchopipeError("invalid-argument", `Cannot use fault "${part.trim()}": expected ${expected}`, {
    received: part.trim(),
    expected,
  });
}
