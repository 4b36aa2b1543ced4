/**
 * The page of all error codes, docs/errors.md.
 *
 * @module
 */
import { EchopipeError, type ErrorCode } from "../../src/errors.ts";
import { statusOf } from "../status.ts";
import { sentence, statuses } from "./words.ts";

/** The codes and their meanings: the rows of the table above `ErrorCode` in the text of src/errors.ts. */
function codesIn(source: string): [code: ErrorCode, meaning: string][] {
  const [table] = source.split("export type ErrorCode");
  return Array.from(
    table.matchAll(/^ \* \| `([a-z-]+)` \| (.+) \|$/gm),
    ([, code, meaning]) => [code as ErrorCode, meaning],
  );
}

/** The page of all error codes, made of the text of src/errors.ts. */
export function errorsPage(source: string): string {
  const sections = codesIn(source).map(([code, meaning]) =>
    `## ${code}\n\n${sentence(meaning)} Exit status of a command: ${statusOf(new EchopipeError(code, ""))}.\n`
  );
  return `# Errors

Errors of the library are of the class \`EchopipeError\`. Each has a \`code\`, which is never renamed or given another
meaning, and fields for the facts: \`position\`, \`received\`, \`expected\`, \`limit\`, \`cause\`. Its message says what was
attempted, what was found and what was expected. This page is made by \`deno task man\` of
[errors.ts](../src/errors.ts).

${sections.join("\n")}
## Exit statuses

A command can know better than the code: \`verify\`, \`ping\` and \`load\` have a shorter list, see
[flags.md](flags.md#echopipe-verify).

${statuses.map(([status, meaning]) => `- ${status}: ${meaning}.`).join("\n")}
`;
}
