/**
 * Failures of files, in words.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import { systemFault } from "../runtime/system_error.ts";

/** The reason of a file's failure, in words. Deno's own message would recommend `--allow-all`. */
export function fileReason(error: unknown): string {
  const message = messageOf(error);
  return systemFault(message.includes("--allow-") ? { name: "NotCapable" } : error)?.file ?? message;
}

/** A failure of a file as an {@linkcode EchopipeError}: `attempt`: the attempted action, without a period. */
export function fileError(attempt: string, cause: unknown): EchopipeError {
  if (cause instanceof EchopipeError) return cause;
  const code = systemFault(cause)?.code === "permission" ? "permission" : "io";
  return new EchopipeError(code, `${attempt}: ${fileReason(cause)}`, { cause });
}
