/**
 * The files of bulk echo.
 *
 * @module
 */
import { fstatSync, type Stats } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { BlockSource } from "../src/files/block_source.ts";
import type { ByteSink, ByteSource } from "../src/pipe/bytes.ts";
import { fileReason } from "../src/files/file_error.ts";
import { openDevice, outputTarget, partialPath, writeAll } from "./output_target.ts";
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
      throw new Error("it is a folder; expected a file");
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
 * A file to be written, under another name beside its own until it is whole; undefined: it is standard output. What a
 * link leads to is written, not the link; a device or a pipe is written as it is. A file that takes the place of another
 * has its mode from the start, and its owner where the system allows it.
 *
 * @throws {CommandError} status 1 if it cannot be written
 */
export async function outputFile(path: string): Promise<OutputFile | undefined> {
  const failed = (error: unknown) =>
    new CommandError(Status.failed, `Cannot write the file "${path}": ${fileReason(error)}`, error);
  try {
    const target = await outputTarget(path);
    if (target === undefined) return undefined;
    const partial = target.found === undefined || target.found.isFile() ? partialPath(target.path) : undefined;
    const handle = partial === undefined ? await openDevice(target) : await openPartial(partial, target.found);
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
            await writeAll(handle, bytes, target);
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
          if (partial !== undefined) await rename(partial, target.path);
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
    throw failed(error);
  }
}

/** Makes the file that is to take the place of `replaced`. Never is it open to more people than that one. */
async function openPartial(path: string, replaced: Stats | undefined): Promise<FileHandle> {
  if (replaced === undefined) return await open(path, "wx");
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.chown(replaced.uid, replaced.gid).catch(() => {}); // allowed to few: then it is ours
    await handle.chmod(replaced.mode & 0o777);
    return handle;
  } catch (error) {
    await handle.close();
    await rm(path, { force: true });
    throw error;
  }
}
