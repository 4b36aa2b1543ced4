/**
 * Failures of files, in words.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import { systemFault } from "../runtime/system_error.ts";

/** Why a file cannot be used. Deno's own words advise `--allow-all`, which is nothing to advise. */
export function fileReason(error: unknown): string {
  const message = messageOf(error);
  return systemFault(message.includes("--allow-") ? { name: "NotCapable" } : error)?.file ?? message;
}

/** A failure of a file as an {@linkcode EchopipeError}: `attempt` is what was tried, without a period. */
export function fileError(attempt: string, cause: unknown): EchopipeError {
  if (cause instanceof EchopipeError) return cause;
  const code = systemFault(cause)?.code === "permission" ? "permission" : "io";
  return new EchopipeError(code, `${attempt}: ${fileReason(cause)}`, { cause });
}
