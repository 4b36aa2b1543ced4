/**
 * The log of a service, as the service sees it.
 *
 * @module
 */

/** Severity of a record. */
export type Level = "info" | "warn" | "error";

/** Fields of a record. Never a password, never a token. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The receiver of service messages. */
export interface ServiceLog {
  /**
   * Writes one record: the event's stable name, its explanation and its fields. Must not throw.
   *
   * `time` is the time of the event, in milliseconds since 1970. Default: now. A record that comes from another thread
   * has it.
   */
  record(level: Level, event: string, message: string, fields?: Fields, time?: number): void;
}

/** A log that keeps nothing. */
export const noLog: ServiceLog = { record() {} };

/** A number with its noun in singular or plural: `1 byte`, `2 bytes`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
