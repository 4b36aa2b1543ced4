/**
 * Files that are read and written whole.
 *
 * @module
 */
import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EchopipeError } from "../errors.ts";
import { decodeDocument } from "../framing/utf8.ts";
import { fileError } from "./file_error.ts";
import { isMissing } from "./folder.ts";

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
 * written, synced, and takes its name. Only its owner may read it. One writer at a time.
 *
 * @throws {EchopipeError} `permission` or `io`; the file is as it was
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = await openNew(temporary);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    throw fileError(`Cannot write "${path}"`, error);
  }
}

/** Makes a file, and never writes through what is there: that is left by a process that was killed. */
async function openNew(path: string): Promise<FileHandle> {
  const make = () => open(path, "wx", 0o600);
  return await make().catch(async (error) => {
    if (error.code !== "EEXIST") throw error;
    await rm(path, { force: true });
    return await make();
  });
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
