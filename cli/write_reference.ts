/**
 * `deno task man`: writes the man page and the pages of flags and error codes, which are made of the code.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import { commandLines } from "./command_lines.ts";
import { errorsPage, flagsPage, manPage } from "./reference/mod.ts";

const root = new URL("../", import.meta.url);

/** The texts, by their paths in the project. */
export async function referencePages(): Promise<Map<string, string>> {
  return new Map([
    ["docs/echopipe.1", manPage(commandLines)],
    ["docs/flags.md", flagsPage(commandLines)],
    ["docs/errors.md", errorsPage(await readFile(new URL("src/errors.ts", root), "utf8"))],
  ]);
}

if (import.meta.main) {
  for (const [path, text] of await referencePages()) await writeFile(new URL(path, root), text);
}
