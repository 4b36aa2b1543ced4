/**
 * The service log, on LogTape.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { openSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { configure, dispose, getLogger, type LogLevel, type LogRecord } from "@logtape/logtape";
import type { Level, ServiceLog } from "../src/service_log.ts";
import type { LogValues } from "./common_flags.ts";
import { printError } from "./command.ts";
import { fileReason } from "../src/files/file_error.ts";
import { makeFolder } from "../src/files/folder.ts";
import { LogFile } from "./log_file.ts";
import { formatJson, formatText } from "./log_format.ts";
import { consoleSink, deviceSink, type LogSink, namedPipeSink } from "./log_sinks.ts";
import { CommandError, Status } from "./status.ts";

/** Size at which the log file is rotated, in bytes. */
const MAX_SIZE = 10 * 1024 * 1024;
/** LogTape's mark of a sink that is done with a record when it returns: it is given no copy of each. */
const immediate = Symbol.for("LogTape.sinkSnapshotPolicy.immediate");
/** Number of files that are kept: `server.log`, `server.log.1` and so on. */
const MAX_FILES = 5;

/** An open log. It must be closed, which writes what is buffered. */
export interface OpenLog extends ServiceLog {
  /** Writes what is buffered, and closes the file. */
  close(): Promise<void>;
}

/**
 * Opens the log that the flags ask for.
 *
 * @throws {CommandError} status 1 if the file or its folder cannot be written
 */
export async function openLog(category: string, { logFile, logTo, logFormat, logLevel }: LogValues): Promise<OpenLog> {
  const formatter = logFormat === "json" ? formatJson : formatText;
  const sinks: Record<string, LogSink> = {};
  let file: LogFile | undefined;
  const reported = new Set<string>();
  const onProblem = (problem: "write" | "rotate", error: unknown) => {
    if (reported.has(problem)) return; // once, or a full disk would fill the terminal too
    reported.add(problem);
    const consequence = problem === "write" ? "records are lost" : "it goes on growing";
    printError(`${category}: Cannot ${problem} the log file "${logFile}": ${fileReason(error)}; ${consequence}`);
  };
  if (logTo === "file" || logTo === "both") {
    try {
      const info = await stat(logFile).catch(() => undefined);
      if (info === undefined) await makeFolder(dirname(logFile));
      if (info === undefined || info.isFile()) {
        const opened = file = new LogFile(logFile, { maxSize: MAX_SIZE, maxFiles: MAX_FILES, onProblem });
        sinks.file = Object.assign((record: LogRecord) => opened.append(formatter(record)), {
          [Symbol.asyncDispose]: () => opened.close(),
        });
      } else if (info.isFIFO()) {
        sinks.file = namedPipeSink({ path: logFile, found: info }, formatter);
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
  // On standard error: standard output is for data.
  if (logTo === "console" || logTo === "both") sinks.console = await consoleSink(formatter);
  for (const sink of Object.values(sinks)) Object.defineProperty(sink, immediate, { value: true });
  await configure({
    sinks,
    loggers: [
      { category: ["echopipe"], lowestLevel: logTapeLevel(logLevel), sinks: Object.keys(sinks) },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: [] },
    ],
    reset: true,
  });
  const logger = getLogger(["echopipe", category]);
  process.on("SIGUSR1", () => file?.reopen()); // sent by logrotate and the like
  let exiting = false;
  process.prependListener("exit", () => {
    exiting = true;
    file?.flushSync();
  });
  return {
    // A complete record: the message is no template, and LogTape need not parse it.
    record(level, event, message, fields, time = Date.now()) {
      const record: LogRecord = {
        category: logger.category,
        level: logTapeLevel(level),
        timestamp: time,
        message: [message],
        rawMessage: message,
        properties: { event, ...fields },
      };
      if (!exiting) return logger.emit(record);
      // The process is exiting: only what is written synchronously is written.
      sinks.console?.(record);
      sinks.file?.(record);
      file?.flushSync();
    },
    close: () => dispose(),
  };
}

const logTapeLevel = (level: Level): LogLevel => level === "warn" ? "warning" : level;
