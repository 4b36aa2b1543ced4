/**
 * Why a file cannot be used, in words.
 *
 * @module
 */
import { messageOf } from "../errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "the system does not allow it",
  EISDIR: "it is a folder; expected a file",
};

/** Why the system refused a file. Deno's own words advise `--allow-all`, which is nothing to advise. */
export function fileReason(error: unknown): string {
  const { name, code = "" } = error as { name?: string; code?: string };
  const message = messageOf(error);
  if (name === "NotCapable" || message.includes("--allow-")) {
    return "it is out of reach of the permissions that this command runs with";
  }
  return reasons[code] ?? message;
}
