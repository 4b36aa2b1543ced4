/**
 * Files that are read and written whole.
 *
 * @module
 */
import { open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EchopipeError } from "../errors.ts";
import { decodeDocument } from "../framing/utf8.ts";
import { fileError } from "./file_error.ts";
import { isMissing } from "./folder.ts";
import { inherit } from "./owner.ts";

/** The largest file that is read, in bytes. */
const MAX_READ = 64 * 1024 * 1024;

/** The version of a file: every write by {@linkcode writeWhole} makes another; undefined: no file. */
export async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(`Cannot read "${path}"`, error);
  }
}

/**
 * The text of a file; undefined: there is none.
 *
 * @throws {EchopipeError} `damaged` if it is not UTF-8, `too-large` beyond 64 MiB, `permission`, `io`
 */
export async function readWhole(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_READ) {
      throw new EchopipeError("too-large", `Cannot read "${path}": it has ${size} bytes, the limit is ${MAX_READ}`);
    }
    const bytes = await readFile(path);
    try {
      return decodeDocument(bytes);
    } catch (cause) {
      throw new EchopipeError("damaged", `Cannot read "${path}": it is not UTF-8`, { cause });
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileError(`Cannot read "${path}"`, error);
  }
}

/**
 * Puts a text in the place of a file, whole or not at all, whenever the machine stops: a temporary file beside it is
 * written, synced, and takes its name, with the owner and mode of the file that it replaces. A new file is readable by its
 * owner alone. One writer at a time.
 *
 * @throws {EchopipeError} `permission` or `io`; the file is as it was
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    // What is there was left by a process that was killed: it is never written through.
    await rm(temporary, { force: true });
    const file = await open(temporary, "wx", 0o600);
    try {
      await inherit(file, path);
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw fileError(`Cannot write "${path}"`, error);
  }
}

/** Makes a rename durable: it is a change of the folder. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
