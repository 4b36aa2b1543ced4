/**
 * Paths for output: links, devices, named pipes and standard output.
 *
 * @module
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import process from "node:process";

/** The target of a path. */
export interface OutputTarget {
  /** Without links. */
  readonly path: string;
  /** The file that is there; undefined: none yet. */
  readonly found: Stats | undefined;
}

/** Deno opens these only with all permissions, so they are recognised by name. */
const standardOutput = new Set(["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

/** A longer chain of links is taken for a cycle, as Linux does. */
const MAX_LINKS = 40;

/** The longest name of a file, in bytes. */
const MAX_NAME = 255;

/** The largest atomic write to a pipe, in bytes: PIPE_BUF of pipe(7), elsewhere the minimum of POSIX. */
const PIPE_BUF = process.platform === "linux" ? 4096 : 512;

/** Delay before a named pipe without a reader is tried again, in milliseconds. */
const NO_READER_MS = 50;

/** Delay before a full pipe is tried again, in milliseconds; it doubles up to the second. */
const FULL_MS = [1, 32] as const;

/** Resolves a path for output; undefined: it is standard output. A folder is an error. */
export async function outputTarget(path: string): Promise<OutputTarget | undefined> {
  const end = await followLinks(path);
  if (standardOutput.has(resolve(end))) return undefined;
  const found = await orMissing(stat(path));
  if (found?.isDirectory() || path.endsWith(sep)) throw new Error("it is a folder; expected a file");
  // Only the path of a file is resolved: on Linux the link to a pipe has no name behind it.
  return { path: found === undefined ? end : found.isFile() ? await realpath(path) : path, found };
}

/** The path with its links followed, whether a file is there or not; standard output is not followed further. */
async function followLinks(path: string): Promise<string> {
  for (let links = 0; links < MAX_LINKS && !standardOutput.has(resolve(path)); links++) {
    const info = await orMissing(lstat(path));
    if (!info?.isSymbolicLink()) return path;
    path = resolve(await realpath(dirname(path)), await readlink(path));
  }
  return path;
}

/** The name of a file until it is complete: beside its own, cut where a name would be too long. */
export function partialPath(path: string): string {
  const suffix = `.${process.pid}.part`;
  let name = basename(path);
  // By whole characters: half a character would be replaced by a longer one.
  while (new TextEncoder().encode(name).length + suffix.length > MAX_NAME) name = [...name].slice(0, -1).join("");
  return join(dirname(path), name + suffix);
}

/**
 * Opens a device, or a named pipe once it has a reader. The wait is ours: an open that blocks in the system would keep the
 * process from ending at a signal.
 */
export async function openDevice({ path, found }: OutputTarget): Promise<FileHandle> {
  if (!found?.isFIFO()) return await open(path, constants.O_WRONLY);
  for (;;) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) !== "ENXIO") throw error;
    }
    await new Promise((resume) => setTimeout(resume, NO_READER_MS));
  }
}

/**
 * Writes all bytes; to a named pipe by atomic writes, since Deno does not report how much of a larger one was written
 * before the pipe was full.
 */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, { found }: OutputTarget): Promise<void> {
  const max = found?.isFIFO() ? PIPE_BUF : bytes.length;
  let pause: number = FULL_MS[0];
  for (let at = 0; at < bytes.length;) {
    try {
      at += (await handle.write(bytes, at, Math.min(bytes.length - at, max))).bytesWritten;
      pause = FULL_MS[0];
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      await new Promise((resume) => setTimeout(resume, pause));
      pause = Math.min(2 * pause, FULL_MS[1]);
    }
  }
}

/** Undefined where there is no such file. */
const orMissing = (stats: Promise<Stats>): Promise<Stats | undefined> =>
  stats.catch((error) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });

const codeOf = (error: unknown) => (error as { code?: string }).code;
