/**
 * Small files that flags name.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { fileReason } from "../src/files/file_error.ts";
import { decodeDocument } from "../src/framing/utf8.ts";
import { CommandError, Status } from "./status.ts";

/**
 * The text of the file that a flag names.
 *
 * @throws {CommandError} status 2 if it cannot be read, naming flag and file
 */
export function readText(flag: string, path: string): string {
  return read(flag, path).toString("utf8");
}

/**
 * The certificates in a file, PEM; what else is in it does not matter.
 *
 * @throws {CommandError} status 2 if it cannot be read or has none, naming flag and file
 */
export function readCertificates(flag: string, path: string): string {
  const text = readText(flag, path);
  if (!/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/.test(text)) {
    throw unusable(flag, path, "no certificate is in it; expected one or more in PEM (BEGIN CERTIFICATE)");
  }
  return text;
}

/** The password in a file, UTF-8: its first line, without a byte order mark. Throws as {@linkcode readText} does. */
export function readPassword(path: string): string {
  const flag = "--password-file";
  const bytes = read(flag, path);
  let text: string;
  try {
    // Not leniently: passwords that differ would become the same.
    text = decodeDocument(bytes);
  } catch {
    throw unusable(flag, path, "it is not UTF-8; expected a password in UTF-8");
  }
  const password = text.split(/\r?\n/, 1)[0];
  if (password === "") throw unusable(flag, path, "its first line is empty");
  return password;
}

function read(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw unusable(flag, path, fileReason(error), error);
  }
}

function unusable(flag: string, path: string, why: string, cause?: unknown): CommandError {
  return new CommandError(Status.usage, `Cannot use ${flag} "${path}": ${why}`, cause);
}
