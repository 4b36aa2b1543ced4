/**
 * Standard input and output on Node.
 *
 * @module
 */
import { readSync, write, writeSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { BlockSource } from "../../pipe/block_source.ts";
import { type ByteSink, type ByteSource, taken } from "../../pipe/bytes.ts";
import { isPlainFile } from "../plain_file.ts";
import type { Stdio } from "../stdio.ts";
import { systemError } from "../system_error.ts";

/** Blocks of a file that are read in one turn of the event loop. */
const BLOCKS_IN_TURN = 32;

/** The standard streams of the process. */
export function stdio(): Stdio {
  return {
    stdin: isPlainFile(0) ? fileSource() : stdinSource(),
    stdout: isPlainFile(1) ? fileSink() : stdoutSink(),
  };
}

function fileSource(): ByteSource {
  let blocks = 0;
  return new BlockSource(async (room) => {
    // Neither a synchronous read nor the write after it takes a turn of the event loop: without this, timers and
    // signals would wait until the end of the file.
    if (++blocks % BLOCKS_IN_TURN === 0) await new Promise((resume) => setImmediate(resume));
    try {
      return readSync(0, room);
    } catch (error) {
      throw systemError("Cannot read standard input", error);
    }
  });
}

function fileSink(): ByteSink {
  return {
    write(bytes) {
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(1, bytes, at);
        return taken;
      } catch (error) {
        return Promise.reject(systemError("Cannot write standard output", error));
      }
    },
    endWrite: () => taken,
    abort() {},
  };
}

/** Standard output that may block, such as a pipe: written asynchronously. */
function stdoutSink(): ByteSink {
  process.stdout.on("error", () => {}); // each write reports its own failure
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        process.stdout.write(bytes, (error) => {
          if (error) reject(systemError("Cannot write standard output", error));
          else resolve();
        });
      }),
    endWrite: () => taken,
    abort() {},
  };
}

/** Standard input that may block, such as a terminal: read by events, and paused between reads. */
function stdinSource(): ByteSource {
  const { stdin } = process;
  const queue: Uint8Array[] = [];
  let ended = false;
  let failed: unknown;
  let reader: PromiseWithResolvers<Uint8Array | null> | undefined;
  const settle = (act: (waiting: PromiseWithResolvers<Uint8Array | null>) => void) => {
    const waiting = reader;
    reader = undefined;
    if (waiting) act(waiting);
  };
  stdin.pause();
  stdin.on("data", (bytes: Uint8Array) => {
    stdin.pause();
    if (reader) settle((waiting) => waiting.resolve(bytes));
    else queue.push(bytes); // may still arrive after a pause
  });
  stdin.on("end", () => {
    ended = true;
    settle((waiting) => waiting.resolve(null));
  });
  stdin.on("error", (error) => {
    failed = systemError("Cannot read standard input", error);
    settle((waiting) => waiting.reject(failed));
  });
  return {
    read() {
      const queued = queue.shift();
      if (queued) return Promise.resolve(queued);
      if (ended) return Promise.resolve(null);
      if (failed !== undefined) return Promise.reject(failed);
      reader = Promise.withResolvers();
      stdin.resume();
      return reader.promise;
    },
    release() {},
    abort() {
      stdin.pause();
    },
  };
}

/** Delay before a write to a full pipe is tried again, in milliseconds. */
const AGAIN_MS = 20;

/** Writes to standard error. `process.stderr` would block the thread. */
export async function writeError(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += (await promisify(write)(2, bytes, at)).bytesWritten;
    } catch (error) {
      if ((error as { code?: string }).code !== "EAGAIN") throw error;
      await new Promise((resume) => setTimeout(resume, AGAIN_MS));
    }
  }
}
