/**
 * What a service tells of itself: the port to whatever keeps the log.
 *
 * @module
 */

/** How much a record matters. */
export type Level = "info" | "warn" | "error";

/** Facts of a record. Never a password, never a token. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where service messages go. Must not throw. */
export interface ServiceLog {
  /**
   * One record: the event's stable name, its explanation, its facts. `time` is when it happened, in milliseconds since
   * 1970, where that is not now: a record may come from another thread.
   */
  record(level: Level, event: string, message: string, fields?: Fields, time?: number): void;
}

/** A log that keeps nothing. */
export const noLog: ServiceLog = { record() {} };

/** `1 byte`, `2 bytes`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
