/**
 * The service log, on LogTape.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { openSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { configure, dispose, getLogger, type LogRecord, type Sink } from "@logtape/logtape";
import { printable, printableJson } from "../src/printable.ts";
import type { ServiceLog } from "../src/service_log.ts";
import type { LogValues } from "./common_flags.ts";
import { printError } from "./command.ts";
import { consoleSink, deviceSink } from "./console_sink.ts";
import { fileReason } from "../src/files/file_error.ts";
import { makeFolder } from "../src/files/folder.ts";
import { LogFile } from "./log_file.ts";
import { CommandError, Status } from "./status.ts";

/** A log file is rotated at this size, in bytes. */
const ROTATE_AT = 10 * 1024 * 1024;
/** So many files are kept: `server.log`, `server.log.1` and so on. */
const FILES_KEPT = 5;

/** A log that was opened, and must be closed: what is buffered is written then. */
export interface OpenLog extends ServiceLog {
  /** Writes what is buffered, and closes the file. */
  close(): Promise<void>;
}

/** `2026-11-20T12:00:00.000Z INFO client.connected Client 127.0.0.1:50412 connected (connection 3)`. */
export function formatText(record: LogRecord): string {
  const { event } = record.properties as { event: string };
  return `${timeOf(record)} ${levelOf(record)} ${event} ${printable(messageText(record))}\n`;
}

/** One JSON object: `time`, `level`, `event`, `message` and the fields. */
export function formatJson(record: LogRecord): string {
  const { event, ...fields } = record.properties;
  return printableJson({
    time: timeOf(record),
    level: levelOf(record),
    event,
    message: messageText(record),
    ...fields,
  }) +
    "\n";
}

/** The time that was formatted last: in a rush many records are of the same millisecond. */
let formatted = { timestamp: -1, text: "" };
const timeOf = ({ timestamp }: LogRecord) => {
  if (timestamp !== formatted.timestamp) formatted = { timestamp, text: new Date(timestamp).toISOString() };
  return formatted.text;
};
const levelOf = (record: LogRecord) => record.level === "warning" ? "WARN" : record.level.toUpperCase();
const messageText = ({ message }: LogRecord) =>
  message.length === 1 ? String(message[0]) : message.map(String).join("");

/**
 * Opens the log that the flags ask for.
 *
 * @throws {CommandError} status 1 if the file or its folder cannot be written
 */
export async function openLog(category: string, { logFile, logTo, logFormat }: LogValues): Promise<OpenLog> {
  const formatter = logFormat === "json" ? formatJson : formatText;
  const sinks: Record<string, Sink & Partial<AsyncDisposable>> = {};
  let file: LogFile | undefined;
  const told = new Set<string>();
  const onProblem = (problem: "write" | "rotate", error: unknown) => {
    if (told.has(problem)) return; // once: what fills a disk would fill a terminal as well
    told.add(problem);
    const consequence = problem === "write" ? "records are lost" : "it goes on growing";
    printError(`${category}: Cannot ${problem} the log file "${logFile}": ${fileReason(error)}; ${consequence}`);
  };
  if (logTo === "file" || logTo === "both") {
    try {
      const info = await stat(logFile).catch(() => undefined);
      if (info === undefined) await makeFolder(dirname(logFile));
      if (info === undefined || info.isFile()) {
        const opened = file = new LogFile(logFile, { maxSize: ROTATE_AT, maxFiles: FILES_KEPT, onProblem });
        sinks.file = Object.assign((record: LogRecord) => opened.append(formatter(record)), {
          [Symbol.asyncDispose]: () => opened.close(),
        });
      } else {
        const write = deviceSink(openSync(logFile, "a"), formatter);
        sinks.file = (record) => {
          try {
            write(record);
          } catch (error) {
            onProblem("write", error);
          }
        };
      }
    } catch (error) {
      throw new CommandError(
        Status.failed,
        `Cannot write the log file "${logFile}": ${fileReason(error)}; expected a file in a folder that can be written`,
        error,
      );
    }
  }
  // Standard output is for data alone.
  if (logTo === "console" || logTo === "both") sinks.console = await consoleSink(formatter);
  await configure({
    sinks,
    loggers: [
      { category: ["echopipe"], lowestLevel: "info", sinks: Object.keys(sinks) },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: [] },
    ],
    reset: true,
  });
  const logger = getLogger(["echopipe", category]);
  let exiting = false;
  process.prependListener("exit", () => {
    exiting = true;
    file?.flushSync();
  });
  return {
    // The record is given whole, its category too: a message is no template here, and half of the work is spared.
    record(level, event, message, fields, time = Date.now()) {
      const record: LogRecord = {
        category: logger.category,
        level: level === "warn" ? "warning" : level,
        timestamp: time,
        message: [message],
        rawMessage: message,
        properties: { event, ...fields },
      };
      if (!exiting) return logger.emit(record);
      // What would be written later is not: the process is in its last moment.
      sinks.console?.(record);
      sinks.file?.(record);
      file?.flushSync();
    },
    close: () => dispose(),
  };
}
