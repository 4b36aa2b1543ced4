/**
 * The output of bulk echo: a file that is complete or not there.
 *
 * @module
 */
import type { Stats } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { fileReason } from "../src/files/file_error.ts";
import type { ByteSink } from "../src/pipe/bytes.ts";
import { openDevice, outputTarget, partialPath, writeAll } from "./output_target.ts";
import { CommandError, Status } from "./status.ts";

/** A file that gets its name only when it is complete. */
export interface OutputFile {
  readonly sink: ByteSink;
  /** Gives the file its name. */
  keep(): Promise<void>;
  /** Removes what was written, unless it was kept. */
  discard(): Promise<void>;
}

/**
 * Opens a file to write, under another name beside its own until it is complete; undefined: the path is standard output.
 * A link is followed; a device or a pipe is written in place. A file that replaces another has the same mode from the
 * start, and the same owner where the system allows it.
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

/** Creates the file that will replace `replaced`; at no time may more people read it. */
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
