/**
 * The files of bulk echo.
 *
 * @module
 */
import { fstatSync } from "node:fs";
import { open, realpath, rename, rm, stat } from "node:fs/promises";
import process from "node:process";
import { BlockSource } from "../src/transport/block_source.ts";
import type { ByteSink, ByteSource } from "../src/transport/byte_streams.ts";
import { fileReason } from "./file_reason.ts";
import { CommandError, Status } from "./status.ts";

/** What is sent, and how much it is where that is known, in bytes. */
export interface Input {
  readonly source: ByteSource;
  readonly size: number | undefined;
}

/** A file that gets its name only when it is whole. */
export interface OutputFile {
  readonly sink: ByteSink;
  /** Gives the file its name. */
  keep(): Promise<void>;
  /** Removes what was written, unless it was kept. */
  discard(): Promise<void>;
}

/**
 * A file to be sent.
 *
 * @throws {CommandError} status 1 if it cannot be read
 */
export async function fileSource(path: string): Promise<Input> {
  try {
    const handle = await open(path, "r");
    const info = await handle.stat();
    if (info.isDirectory()) {
      await handle.close();
      throw new Error("it is a folder, a file is wanted");
    }
    const source = new BlockSource(
      async (room) => (await handle.read(room, 0, room.length)).bytesRead,
      () => handle.close(),
    );
    return { source, size: info.isFile() ? info.size : undefined };
  } catch (error) {
    throw new CommandError(Status.failed, `Cannot read the file "${path}": ${fileReason(error)}`, error);
  }
}

/** The size of standard input, where it is a file. */
export function sizeOfStdin(): number | undefined {
  try {
    const info = fstatSync(0);
    return info.isFile() ? info.size : undefined;
  } catch {
    return undefined; // it is closed: reading it says so
  }
}

/**
 * A file to be written, under another name beside its own until it is whole. What a link leads to is written, not the
 * link; a device or a pipe is written as it is.
 *
 * @throws {CommandError} status 1 if it cannot be written
 */
export async function outputFile(path: string): Promise<OutputFile> {
  const failed = (error: unknown) =>
    new CommandError(Status.failed, `Cannot write the file "${path}": ${fileReason(error)}`, error);
  try {
    const info = await stat(path).catch(() => undefined);
    if (info?.isDirectory()) throw new Error("it is a folder, a file is wanted");
    const target = info === undefined ? path : await realpath(path);
    const partial = info === undefined || info.isFile() ? `${target}.${process.pid}.part` : undefined;
    const handle = partial === undefined ? await open(target, "w") : await open(partial, "wx");
    let open_ = true;
    const close = async () => {
      if (open_) await handle.close();
      open_ = false;
    };
    let kept = false;
    return {
      sink: {
        async write(bytes) {
          try {
            for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
          } catch (error) {
            throw failed(error);
          }
        },
        endWrite: () => Promise.resolve(),
        abort: close,
      },
      async keep() {
        try {
          if (partial !== undefined) await handle.sync();
          await close();
          if (partial !== undefined) await rename(partial, target);
          kept = true;
        } catch (error) {
          throw failed(error);
        }
      },
      async discard() {
        if (kept) return;
        await close();
        if (partial !== undefined) await rm(partial, { force: true });
      },
    };
  } catch (error) {
    throw error instanceof CommandError ? error : failed(error);
  }
}
