/**
 * Conditions of `--fail-if`, such as `p99>5ms`.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import type { Latencies } from "../src/probe/latencies.ts";
import type { LoadResult } from "../src/probe/load_contract.ts";
import { formatUs } from "./durations.ts";

/** A condition under which a load counts as failed. */
export interface Condition {
  /** As it was given. */
  readonly text: string;
  /** What was found, where the condition holds; undefined: it does not. A figure that was not measured holds. */
  found(result: LoadResult): string | undefined;
}

/** Microseconds in a unit of time. */
const units = { us: 1, "µs": 1, ms: 1e3, s: 1e6 } as const;

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  "=": (a, b) => a === b,
};

/** Figures without a unit. */
const counters: Readonly<Record<string, (result: LoadResult) => number>> = {
  rate: ({ messages, seconds }) => seconds === 0 ? 0 : messages / seconds,
  messages: ({ messages }) => messages,
  bytes: ({ bytes }) => bytes,
  errors: ({ errors }) => errors,
  mismatched: ({ mismatched }) => mismatched,
};

/** Histograms, by the prefix of their figures. */
const histograms: Readonly<Record<string, (result: LoadResult) => Latencies>> = {
  "": ({ latency }) => latency,
  connect_: ({ connect }) => connect,
  first_byte_: ({ firstByte }) => firstByte,
};

const EXPECTED = "expected a figure, one of > >= < <= = and a value, as p99>5ms, connect_max>1s, rate<1000 or errors>0";

/** Parses a condition; throws what was expected. */
export function conditionOf(text: string): Condition {
  const parts = /^\s*([a-z0-9_.]+?)\s*(>=|<=|>|<|=)\s*(\d+(?:\.\d+)?)\s*([a-zµ]*)\s*$/.exec(text);
  if (parts === null) throw new InvalidArgumentError(EXPECTED);
  const [, name, sign, digits, unit] = parts;
  const compare = comparisons[sign];
  const value = Number(digits);
  if (Object.hasOwn(counters, name)) {
    if (unit !== "") throw new InvalidArgumentError(`expected a number without a unit for ${name}`);
    return {
      text,
      found(result) {
        const is = counters[name](result);
        return compare(is, value) ? `${name} is ${Math.round(is * 10) / 10}` : undefined;
      },
    };
  }
  const [, prefix, figure] = /^(connect_|first_byte_|)(.*)$/.exec(name)!;
  const read = figureOf(figure);
  if (read === undefined) throw new InvalidArgumentError(EXPECTED);
  if (!Object.hasOwn(units, unit)) {
    throw new InvalidArgumentError(`expected a time with its unit for ${name}: us, ms or s`);
  }
  const limit = value * units[unit as keyof typeof units];
  return {
    text,
    found(result) {
      const is = read(histograms[prefix](result));
      if (is === null) return `${name} was not measured`;
      return compare(is, limit) ? `${name} is ${formatUs(is)}` : undefined;
    },
  };
}

/** The reader of a figure of a histogram: min, max, mean, stdev, or a percentile such as p99 or p99.9 (also p99_9). */
function figureOf(name: string): ((latencies: Latencies) => number | null) | undefined {
  if (name === "min" || name === "max" || name === "mean" || name === "stdev") return (all) => all.summary()[name];
  const [, percent] = /^p(\d{1,3}(?:[._]\d+)?)$/.exec(name) ?? [];
  const value = Number(percent?.replace("_", "."));
  return value >= 0 && value <= 100 ? (all) => all.percentile(value) : undefined;
}
