/**
 * Where output goes: what the path of a file leads to.
 *
 * @module
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, readlink, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import process from "node:process";

/** What a path leads to. */
export interface OutputTarget {
  /** Behind all links. */
  readonly path: string;
  /** What is there; undefined: nothing yet. */
  readonly found: Stats | undefined;
}

/** Deno lets nobody open these without every permission: they are known by their names. */
const standardOutput = new Set(["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

/** More links than this, one after the other, are taken for a circle, as Linux does. */
const MAX_LINKS = 40;

/** The longest name of a file, in bytes. */
const MAX_NAME = 255;

/** What a pipe takes whole or not at all, in bytes: PIPE_BUF of pipe(7), elsewhere what POSIX promises. */
const PIECE = process.platform === "linux" ? 4096 : 512;

/** Between two looks at a pipe that takes nothing, in milliseconds. */
const PAUSE_MS = { noReader: 50, full: 1 };

/** Follows a path for output; undefined: it leads to standard output. A folder is an error. */
export async function outputTarget(path: string): Promise<OutputTarget | undefined> {
  const end = await endOfLinks(path);
  if (standardOutput.has(resolve(end))) return undefined;
  const found = await orMissing(stat(path));
  if (found?.isDirectory() || path.endsWith(sep)) throw new Error("it is a folder; expected a file");
  // Of what is no file the links need not be names: on Linux a pipe has one that only the system can follow.
  return { path: found === undefined ? end : found.isFile() ? await realpath(path) : path, found };
}

/** The path behind all links, whether something is there or not; at standard output it stops. */
async function endOfLinks(path: string): Promise<string> {
  for (let links = 0; links < MAX_LINKS && !standardOutput.has(resolve(path)); links++) {
    const info = await orMissing(lstat(path));
    if (!info?.isSymbolicLink()) return path;
    path = resolve(await realpath(dirname(path)), await readlink(path));
  }
  return path;
}

/** The name of a file before it is whole: beside its own, and like it as far as a name may be long. */
export function partialPath(path: string): string {
  const suffix = `.${process.pid}.part`;
  let name = basename(path);
  // By whole characters: half a one is no text, and would be replaced by a longer one.
  while (new TextEncoder().encode(name).length + suffix.length > MAX_NAME) name = [...name].slice(0, -1).join("");
  return join(dirname(path), name + suffix);
}

/**
 * Opens what is no regular file: a device, or a named pipe, whose reader is waited for. Here, not in the system: that
 * would keep the process from ending, whatever signal it gets.
 */
export async function openDevice({ path, found }: OutputTarget): Promise<FileHandle> {
  if (!found?.isFIFO()) return await open(path, constants.O_WRONLY);
  for (;;) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (codeOf(error) !== "ENXIO") throw error;
    }
    await new Promise((resume) => setTimeout(resume, PAUSE_MS.noReader));
  }
}

/**
 * Writes all bytes, to a named pipe in pieces that it takes whole or not at all: Deno does not say how much of a larger
 * one was written before there was no room.
 */
export async function writeAll(handle: FileHandle, bytes: Uint8Array, { found }: OutputTarget): Promise<void> {
  const most = found?.isFIFO() ? PIECE : bytes.length;
  for (let at = 0; at < bytes.length;) {
    try {
      at += (await handle.write(bytes, at, Math.min(bytes.length - at, most))).bytesWritten;
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      await new Promise((resume) => setTimeout(resume, PAUSE_MS.full));
    }
  }
}

/** Undefined where nothing is there. */
const orMissing = (looked: Promise<Stats>): Promise<Stats | undefined> =>
  looked.catch((error) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });

const codeOf = (error: unknown) => (error as { code?: string }).code;
