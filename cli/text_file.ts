/**
 * Small files that flags name.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { fileReason } from "./file_reason.ts";
import { CommandError, Status } from "./status.ts";

/**
 * The text of the file that a flag names.
 *
 * @throws {CommandError} status 2 if it cannot be read, naming flag and file
 */
export function readText(flag: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError(Status.usage, `Cannot use ${flag} "${path}": ${fileReason(error)}`, error);
  }
}

/** The password in a file: its first line. Throws as {@linkcode readText} does. */
export function readPassword(path: string): string {
  const password = readText("--password-file", path).split(/\r?\n/, 1)[0];
  if (password === "") {
    throw new CommandError(Status.usage, `Cannot use --password-file "${path}": its first line is empty`);
  }
  return password;
}
