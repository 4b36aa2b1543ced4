/**
 * The input of bulk echo: a file, or standard input.
 *
 * @module
 */
import { fstatSync } from "node:fs";
import { open } from "node:fs/promises";
import { BlockSource } from "../src/pipe/block_source.ts";
import { fileReason } from "../src/files/file_error.ts";
import type { ByteSource } from "../src/pipe/bytes.ts";
import { CommandError, Status } from "./status.ts";

/** Data to send. */
export interface Input {
  readonly source: ByteSource;
  /** In bytes; undefined: unknown. */
  readonly size: number | undefined;
}

/**
 * Opens a file to send.
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

/** The size of standard input in bytes, where it is a file. */
export function sizeOfStdin(): number | undefined {
  try {
    const info = fstatSync(0);
    return info.isFile() ? info.size : undefined;
  } catch {
    return undefined; // it is closed: reading it says so
  }
}
