/**
 * Folders, made where they are missing.
 *
 * @module
 */
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EchopipeError } from "../errors.ts";
import { fileError } from "./file_error.ts";

/**
 * Makes the folder of a file, and those above it, where they are missing: their owner's alone.
 *
 * @throws {EchopipeError} `permission` or `io` where that cannot be done
 */
export async function makeFolderOf(path: string): Promise<void> {
  const folder = dirname(path);
  const attempt = `Cannot make the folder of "${path}"`;
  try {
    if (await isFolder(folder).catch(() => false)) return; // whoever may not make it may still use it
    await makeFolder(folder, 0o700);
    if (!await isFolder(folder)) throw new EchopipeError("io", `${attempt}: what has its name is no folder`);
  } catch (cause) {
    if (isMissing(cause)) throw new EchopipeError("io", `${attempt}: the system makes none there`, { cause });
    throw fileError(attempt, cause);
  }
}

/**
 * Makes a folder and its missing parents, with `mode` or the default of the process. Throws the system's errors. Node's
 * own recursive `mkdir` never returns below `/proc`.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const make = () =>
    mkdir(path, mode).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
  try {
    await make();
  } catch (error) {
    if (!isMissing(error) || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await make();
  }
}

const isFolder = async (path: string) => (await stat(path)).isDirectory();

/** True for the system's error that nothing is at a path. */
export const isMissing = (error: unknown): boolean => (error as { code?: string }).code === "ENOENT";
