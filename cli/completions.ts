/**
 * `echopipe completions SHELL`: completions for a shell, on standard output.
 *
 * @module
 */
import process from "node:process";
import { run } from "./command.ts";
import { typedCommand } from "./command_name.ts";
import { parseCommandLine } from "./command_line.ts";
import { completionsLine, shells } from "./completions_flags.ts";
import { CommandError, Status } from "./status.ts";

await run("completions", async () => {
  const { operands: [shell] } = parseCommandLine(completionsLine, process.argv.slice(2));
  if (!shells.some((known) => known === shell)) {
    const found = shell === undefined ? "no shell is given" : "there are none for it";
    throw new CommandError(
      Status.usage,
      `Cannot print completions${shell === undefined ? "" : ` for "${shell}"`}: ${found}; expected one of ${
        shells.join(", ")
      } (see ${typedCommand("completions")} --help)`,
    );
  }
  const [{ commandLines }, { completionsFor }, { print }] = await Promise.all([
    import("./command_lines.ts"),
    import("./reference/completions.ts"),
    import("./standard_output.ts"),
  ]);
  print(completionsFor(shell as typeof shells[number], commandLines));
  return Status.done;
});
