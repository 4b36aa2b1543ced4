/**
 * The time of day.
 *
 * @module
 */
import { Chunk } from "../framing/chunk.ts";
import type { Stage } from "../stage/stage.ts";
import { speak, type SpeakOptions } from "./speak.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

/** A time in the first form of RFC 867, in UTC: `Tuesday, February 22, 1982 17:37:43-UTC`. */
export function daytimeText(time: Date = new Date()): string {
  const day = `${DAYS[time.getUTCDay()]}, ${MONTHS[time.getUTCMonth()]} ${time.getUTCDate()}, ${time.getUTCFullYear()}`;
  return `${day} ${time.toISOString().slice(11, 19)}-UTC`;
}

/**
 * A handler that sends the time once and ends the stream, as in RFC 867. It is in UTC, and in the form
 * `Tuesday, February 22, 1982 17:37:43-UTC`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { daytime } from "echopipe";
 *
 * const [time] = await Array.fromAsync(daytime().over([]), (chunk) => chunk.toText());
 * assert.match(time, /^\w+day, \w+ \d+, \d{4} \d\d:\d\d:\d\d-UTC\r\n$/);
 * ```
 */
export function daytime(options?: SpeakOptions): Stage<Chunk, Chunk> {
  return speak((lines) => [[Chunk.text(daytimeText() + (lines ? "\r\n" : ""))]], options);
}
