/**
 * Records on standard error.
 *
 * @module
 */
import { fstatSync, writeSync } from "node:fs";
import type { LogRecord, Sink } from "@logtape/logtape";
import { openStandardError } from "../src/runtime/mod.ts";

/** So much waits for whoever reads standard error, in characters; what comes on top is lost, and counted. */
const MAX_WAITING = 1024 * 1024;

/** Writes to what takes all at once: nothing is rotated or synchronised. */
export function deviceSink(descriptor: number, formatter: (record: LogRecord) => string): Sink {
  return (record) => void writeSync(descriptor, formatter(record));
}

/** Writes to standard error. Where that is a pipe, a reader that does not read holds up nobody but the records. */
export async function consoleSink(formatter: (record: LogRecord) => string): Promise<Sink & Partial<AsyncDisposable>> {
  const info = fstatSync(2);
  if (!info.isFIFO() && !info.isSocket()) return deviceSink(2, formatter);
  const write = await openStandardError();
  let waiting: string[] = [];
  let size = 0;
  let lost = 0;
  let writing: Promise<void> | undefined;

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0) {
      const bytes = new TextEncoder().encode(waiting.join(""));
      waiting = [];
      // A failure: nobody reads it any more, and there is nobody else to tell.
      await write(bytes).catch(() => {});
      size = 0;
    }
    writing = undefined;
  };
  const sink = (record: LogRecord) => {
    if (size > MAX_WAITING) return void lost++;
    const text = (lost > 0 ? formatter(ofLost(record, lost)) : "") + formatter(record);
    lost = 0;
    size += text.length;
    waiting.push(text);
    writing ??= writeAll();
  };
  return Object.assign(sink, { [Symbol.asyncDispose]: () => writing ?? Promise.resolve() });
}

function ofLost({ category, timestamp }: LogRecord, lost: number): LogRecord {
  const text = `${lost} records were lost: standard error was not read`;
  return {
    ...{ category, timestamp, level: "warning", message: [text], rawMessage: text },
    properties: { event: "records.lost", lost },
  };
}
