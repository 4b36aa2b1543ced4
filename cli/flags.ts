/**
 * Flags, and parsers of their values.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";

/** A flag: how it is written, what it means, what its values are. */
export interface Flag {
  /** As commander writes it: `--port <PORT>`, or `--yes` for a switch. */
  readonly flags: string;
  readonly meaning: string;
  /** More about it, in sentences, for the man page and docs/flags.md. */
  readonly details?: string;
  readonly fallback?: unknown;
  /** The default as it is shown, where its value is not. */
  readonly fallbackText?: string;
  /** Converts the text of a value; throws what was expected, without a capital and a period. */
  readonly parse?: (text: string) => unknown;
  readonly choices?: readonly string[];
  /** May be given several times; the environment variable separates its values by commas. */
  readonly repeatable?: boolean;
}

/** Parses integers from `min` to `max`, and optionally one `word` that may stand in their place. */
export function integerFrom(min: number, max: number): (text: string) => number;
export function integerFrom<T extends string>(min: number, max: number, word: T): (text: string) => number | T;
export function integerFrom(min: number, max: number, word?: string): (text: string) => number | string {
  return (text) => {
    if (text === word) return word;
    const value = /^[+-]?\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    const alternative = word === undefined ? "" : `, or ${word}`;
    throw new InvalidArgumentError(`expected an integer from ${min} to ${max}${alternative}`);
  };
}

/** Parses numbers of seconds from `min` to `max`. */
export function secondsFrom(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a number of seconds from ${min} to ${max}`);
  };
}

/** Parses texts that must not be empty. */
export function someText(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("it is empty");
  return text;
}
