/**
 * Sinks of the log for devices and pipes; regular files have `log_file.ts`.
 *
 * @module
 */
import { fstatSync, writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import type { LogRecord, Sink } from "@logtape/logtape";
import { openStandardError } from "../src/runtime/mod.ts";
import { openDevice, type OutputTarget, writeAll } from "./output_target.ts";

/** Limit of text that waits for the reader of a pipe, in characters; further records are lost, and counted. */
const MAX_WAITING = 1024 * 1024;

/** A sink that may have to be waited for. */
export type LogSink = Sink & Partial<AsyncDisposable>;

/** Formats a record as one line. */
export type LogFormatter = (record: LogRecord) => string;

/** Writes each record at once, to a file or device that does not block. */
export function deviceSink(descriptor: number, formatter: LogFormatter): LogSink {
  return (record) => void writeSync(descriptor, formatter(record));
}

/** Writes to standard error; to a pipe without ever waiting for its reader. */
export async function consoleSink(formatter: LogFormatter): Promise<LogSink> {
  const info = fstatSync(2);
  if (!info.isFIFO() && !info.isSocket()) return deviceSink(2, formatter);
  return pipeSink(await openStandardError(), formatter);
}

/** Writes to a named pipe, opened as soon as it has a reader, and again after its reader has left. */
export function namedPipeSink(target: OutputTarget, formatter: LogFormatter): LogSink {
  let handle: FileHandle | undefined;
  return pipeSink(async (bytes) => {
    handle ??= await openDevice(target);
    try {
      await writeAll(handle, bytes, target);
    } catch (error) {
      const closing = handle.close();
      handle = undefined;
      await closing;
      throw error;
    }
  }, formatter);
}

/** Queues records up to a limit while `write` is pending. Records that are lost are counted in a record of their own. */
function pipeSink(write: (bytes: Uint8Array) => Promise<void>, formatter: LogFormatter): LogSink {
  let waiting: string[] = [];
  let size = 0;
  let lost = 0;
  let writing: Promise<void> | undefined;

  const writeWaiting = async (): Promise<void> => {
    while (waiting.length > 0) {
      const records = waiting;
      waiting = [];
      // A failed write: the reader has left.
      await write(new TextEncoder().encode(records.join(""))).catch(() => lost += records.length);
      size = 0;
    }
    writing = undefined;
  };
  const sink = (record: LogRecord) => {
    if (size > MAX_WAITING) return void lost++;
    const text = (lost > 0 ? formatter(lossRecord(record, lost)) : "") + formatter(record);
    lost = 0;
    size += text.length;
    waiting.push(text);
    writing ??= writeWaiting();
  };
  return Object.assign(sink, { [Symbol.asyncDispose]: () => writing ?? Promise.resolve() });
}

function lossRecord({ category, timestamp }: LogRecord, lost: number): LogRecord {
  const text = `${lost} records were lost: the log was not read in time`;
  return {
    ...{ category, timestamp, level: "warning", message: [text], rawMessage: text },
    properties: { event: "records.lost", lost },
  };
}
