/**
 * The log of a worker: its records go to the main thread, which writes them.
 *
 * @module
 */
import type { Fields, Level, ServiceLog } from "../service_log.ts";

/** A record on its way to the main thread. */
export interface PostedRecord {
  readonly type: "record";
  readonly level: Level;
  readonly event: string;
  readonly message: string;
  readonly fields: Fields | undefined;
  /** When it happened, in milliseconds since 1970. */
  readonly time: number;
}

/** So many records may be on their way to the main thread, of all workers together: what comes on top is lost, and counted. */
export const MAX_RECORDS = 10_000;

const UNDER_WAY = 0;
const LOST = 1;

/** Counts the records that are on their way, and those that were lost; for all threads that have it over the same memory. */
export class RecordCount {
  /** The memory, to be handed to other threads. */
  readonly memory: SharedArrayBuffer;
  readonly #counts: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.memory = memory;
    this.#counts = new Int32Array(memory);
  }

  /** A record is about to be sent; false: there is no room for it, and it is counted as lost. */
  send(): boolean {
    if (Atomics.add(this.#counts, UNDER_WAY, 1) < MAX_RECORDS) return true;
    Atomics.sub(this.#counts, UNDER_WAY, 1);
    Atomics.add(this.#counts, LOST, 1);
    return false;
  }

  /** A record has arrived. */
  arrived(): void {
    Atomics.sub(this.#counts, UNDER_WAY, 1);
  }

  /** Number of records lost since the last call; 0 as long as there is little room for more. */
  takeLost(): number {
    if (Atomics.load(this.#counts, UNDER_WAY) > MAX_RECORDS / 2) return 0;
    return Atomics.exchange(this.#counts, LOST, 0);
  }
}

/** The log of a worker. */
export function postingLog(post: (record: PostedRecord) => void, count: RecordCount): ServiceLog {
  return {
    record(level, event, message, fields, time = Date.now()) {
      if (count.send()) post({ type: "record", level, event, message, fields, time });
    },
  };
}

/** A log whose records say which worker they are of, from 1. */
export function logOfWorker(log: ServiceLog, worker: number): ServiceLog {
  return {
    record: (level, event, message, fields, time) => log.record(level, event, message, { ...fields, worker }, time),
  };
}

/** Tells how many records were lost, if any were and there is room again. */
export function recordLost(log: ServiceLog, count: RecordCount): void {
  const lost = count.takeLost();
  if (lost > 0) {
    log.record("warn", "records.lost", `${lost} records of workers were lost: too many at a time`, { lost });
  }
}
