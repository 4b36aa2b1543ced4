/**
 * `deno task verify`: conformance of any echo server.
 *
 * @module
 */
import process from "node:process";
import { constants } from "node:os";
import type { WireName } from "../src/verify/mod.ts";
import { exit, run } from "./command.ts";
import { typedCommand } from "./command_name.ts";
import { parseCommandLine } from "./command_line.ts";
import { nearestTo } from "./environment.ts";
import { onSignals } from "./signals.ts";
import { CommandError, Status } from "./status.ts";
import { parseTarget } from "./target.ts";
import { verifyLine, type VerifyValues } from "./verify_flags.ts";

/** True for a server: it has a colon, an id has none. */
const isTarget = (operand: string | undefined) => operand?.includes(":") ?? false;

await run("verify", async () => {
  const { values, operands } = parseCommandLine<VerifyValues>(verifyLine, process.argv.slice(2));
  onSignals();
  // Imported late: --help, --version and a wrong flag need none of it.
  const { casesOf, selectCases } = await import("../src/verify/mod.ts");
  const framings: WireName[] = ["raw", "line", "message"];
  const known = new Set(framings.flatMap((name) => casesOf(name).map(({ id }) => id)));
  const ids = values.list && !isTarget(operands[0]) ? operands : operands.slice(1);
  const { chosen, unknown } = selectCases(casesOf(values.framing), ids, values.udp ?? false);
  if (unknown.length > 0) throw noSuchCase(unknown[0], known, values.framing);
  if (values.list) {
    const { listJson, listText } = await import("./verify_report.ts");
    const { VerifyOutput } = await import("./verify_output.ts");
    const output = await VerifyOutput.open();
    output.write(values.json ? listJson(chosen) : listText(chosen));
    await output.flush();
    return Status.done;
  }
  const target = parseTarget(operands[0] ?? await askForTarget(values));
  const { verifyServer } = await import("./verify_run.ts");
  const { status, signal } = await verifyServer({ target, chosen, known, values });
  return signal === undefined ? status : await exit(128 + constants.signals[signal]);
});

/** The server, asked for where a person is there to answer. */
async function askForTarget({ yes }: VerifyValues): Promise<string | undefined> {
  const { askText, canAsk } = await import("./ask.ts");
  return yes || !canAsk() ? undefined : await askText("Server to verify", "127.0.0.1:9090", parseTarget);
}

function noSuchCase(id: string, known: ReadonlySet<string>, framing: WireName): CommandError {
  const similar = nearestTo(id, [...known]);
  const hint = known.has(id)
    ? `--framing ${framing} does not have it`
    : `there is no such case or section${similar === undefined ? "" : `; did you mean ${similar}?`}`;
  return new CommandError(Status.usage, `Cannot verify "${id}": ${hint} (see ${typedCommand("verify")} --list)`);
}
