/**
 * `deno task client`: interactive on a terminal, bulk echo otherwise.
 *
 * @module
 */
import process from "node:process";
import { messageOf } from "../src/errors.ts";
import { beforeExit, printError, run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { clientLine } from "./client_flags.ts";
import { checkUnix } from "./common_flags.ts";
import { parseCommandLine } from "./command_line.ts";
import { CommandError, Status, statusOf } from "./status.ts";
import type { ClientValues } from "./client_values.ts";

const question = { question: "Server to connect to", minPort: 1 };

await run("client", async () => {
  const parsed = parseCommandLine<ClientValues>(clientLine, process.argv.slice(2));
  const { values, operands: [file] } = parsed;
  if (values.ipv4 && values.ipv6) throw new CommandError(Status.usage, "Cannot use -4 together with -6");
  checkUnix(parsed);
  onSignals();
  const interactive = file === undefined && Boolean(process.stdin.isTTY) && !values.logout;
  const ask = interactive ? await import("./ask.ts") : undefined;
  const asked = values.unix === undefined && (await ask?.askForAddress(parsed, question) ?? false);
  // Imported late: --help, --version and a wrong flag need none of it.
  const [{ openLog }, command] = await Promise.all([
    import("./log.ts"),
    interactive ? import("./client_interactive.ts") : import("./client_bulk.ts"),
  ]);
  const log = await openLog("client", values);
  beforeExit(() => log.close());
  if (values.logout) return await (await import("./client_logout.ts")).logOut(values, log);
  for (;;) {
    try {
      return await command.talk(values, log, file === "-" ? undefined : file);
    } catch (error) {
      // A wrong answer is corrected where it was given.
      if (!asked || statusOf(error) !== Status.notConnected) throw error;
      printError(messageOf(error));
      await ask!.askForAddress(parsed, question);
    }
  }
});
