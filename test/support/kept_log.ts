/** A log in memory, to look at. */
import type { Fields, Level, ServiceLog } from "../../src/service_log.ts";

/** A record that was kept. */
export interface KeptRecord {
  readonly level: Level;
  readonly event: string;
  readonly message: string;
  readonly fields: Fields;
}

/** A log that keeps its records. */
export class KeptLog implements ServiceLog {
  readonly records: KeptRecord[] = [];

  record(level: Level, event: string, message: string, fields: Fields = {}): void {
    this.records.push({ level, event, message, fields });
  }

  /** The records of one event. */
  of(event: string): KeptRecord[] {
    return this.records.filter((record) => record.event === event);
  }

  /** The values that a field has in the records of an event. */
  values(event: string, field: string): unknown[] {
    return this.of(event).map(({ fields }) => fields[field]);
  }

  /** A sum over the records of an event. */
  sum(event: string, field: string): number {
    return this.values(event, field).reduce<number>((sum, value) => sum + Number(value), 0);
  }
}
