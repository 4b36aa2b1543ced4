/**
 * `deno task client`: interactive on a terminal, bulk echo otherwise.
 *
 * @module
 */
import process from "node:process";
import { messageOf } from "../src/errors.ts";
import { beforeExit, printError, run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { addressFlags, checkUnix, logFlags, yesFlag } from "./common_flags.ts";
import { typedCommand } from "./command_name.ts";
import { parseCommandLine } from "./command_line.ts";
import { type Flag, secondsFrom, someText } from "./flags.ts";
import { CommandError, Status, statusOf } from "./status.ts";
import type { ClientValues } from "./client_values.ts";

const flags: readonly Flag[] = [
  ...addressFlags("127.0.0.1", 9090, 1, "connect to"),
  { flags: "--unix <PATH>", meaning: "Unix socket to connect to, instead of host and port", parse: someText },
  {
    flags: "--framing <NAME>",
    meaning: "how messages are delimited",
    choices: ["message", "line", "raw"],
    fallback: "message",
  },
  { flags: "--tls", meaning: "speak TLS" },
  {
    flags: "--tls-ca <FILE>",
    meaning: "certificates of the authorities to trust, PEM; on Deno besides its own",
    parse: someText,
  },
  { flags: "--name <NAME>", meaning: "name to log in with", parse: someText },
  { flags: "--password-file <FILE>", meaning: "file with the password", parse: someText },
  {
    flags: "--session-file <FILE>",
    meaning: "file of the sessions, by server",
    fallback: "sessions.json",
    parse: someText,
  },
  { flags: "--no-session", meaning: "neither use nor keep a session" },
  { flags: "--logout", meaning: "end the session with the server: its token is revoked" },
  {
    flags: "--output <FILE>",
    meaning: "write the echo to a file; -: standard output, where binary data is not written to a terminal unasked",
    parse: someText,
  },
  {
    flags: "--timeout <SECONDS>",
    meaning: "time to connect, and in bulk without progress",
    fallback: 30,
    parse: secondsFrom(0.001, 86_400),
  },
  { flags: "-4, --ipv4", meaning: "connect over IPv4 only" },
  { flags: "-6, --ipv6", meaning: "connect over IPv6 only" },
  { flags: "--no-progress", meaning: "no progress bar" },
  { flags: "--quiet", meaning: "no progress bar and no summary" },
  ...logFlags("logs/client.log"),
  yesFlag,
];

const question = { question: "Server to connect to", minPort: 1 };

await run("client", async () => {
  const parsed = parseCommandLine<ClientValues>({
    name: typedCommand("client"),
    summary:
      "Talks to an echo server line by line on a terminal; with FILE, - (standard input) or input from a pipe, sends all of it and writes the echo.",
    operands: "[FILE]",
    flags,
  }, process.argv.slice(2));
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
