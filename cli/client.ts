/**
 * `deno task client`: interactive on a terminal, bulk echo otherwise.
 *
 * @module
 */
import process from "node:process";
import { beforeExit, run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { addressFlags, logFlags, type LogValues, yesFlag } from "./common_flags.ts";
import { type Flag, parseCommandLine, secondsFrom, someText } from "./flags.ts";
import type { ClientFraming } from "../src/client/framing.ts";

/** The client's flags, as values. */
export interface ClientValues extends LogValues {
  host: string;
  port: number;
  framing: ClientFraming;
  tls?: boolean;
  tlsCa?: string;
  name?: string;
  passwordFile?: string;
  sessionFile: string;
  session: boolean;
  output?: string;
  timeout: number;
  progress: boolean;
  quiet?: boolean;
  yes?: boolean;
}

const flags: readonly Flag[] = [
  ...addressFlags("127.0.0.1", 9090, 1, "connect to"),
  {
    flags: "--framing <NAME>",
    meaning: "how messages are told apart",
    choices: ["message", "line", "raw"],
    fallback: "message",
  },
  { flags: "--tls", meaning: "speak TLS" },
  { flags: "--tls-ca <FILE>", meaning: "certificates to trust instead of the system's, PEM", parse: someText },
  { flags: "--name <NAME>", meaning: "the name to log in with", parse: someText },
  { flags: "--password-file <FILE>", meaning: "a file with the password", parse: someText },
  {
    flags: "--session-file <FILE>",
    meaning: "where sessions are kept, by server",
    fallback: "sessions.json",
    parse: someText,
  },
  { flags: "--no-session", meaning: "keep no session" },
  { flags: "--output <FILE>", meaning: "write what comes back to a file instead of standard output", parse: someText },
  {
    flags: "--timeout <SECONDS>",
    meaning: "give up: to connect; in bulk, if nothing moves for so long",
    fallback: 30,
    parse: secondsFrom(0.001, 86_400),
  },
  { flags: "--no-progress", meaning: "no progress bar" },
  { flags: "--quiet", meaning: "no progress bar, no summary" },
  ...logFlags("logs/client.log"),
  yesFlag,
];

await run("client", async () => {
  const parsed = parseCommandLine<ClientValues>({
    name: "deno task client",
    summary:
      "Talks to an echo server: line by line on a terminal; else sends FILE, or standard input, and writes what comes back.",
    operands: "[FILE]",
    flags,
  }, process.argv.slice(2));
  const { values, operands: [file] } = parsed;
  onSignals();
  const interactive = file === undefined && Boolean(process.stdin.isTTY);
  if (interactive) {
    const { askForAddress } = await import("./ask.ts");
    await askForAddress(parsed, { question: "Server to connect to", leastPort: 1 });
  }
  // Loaded only now: --help, --version and a wrong flag need none of it.
  const [{ openLog }, command] = await Promise.all([
    import("./log.ts"),
    interactive ? import("./client_interactive.ts") : import("./client_bulk.ts"),
  ]);
  // Before anything is connected or written: a file that cannot be read is an error of its own.
  const log = await openLog("client", values);
  beforeExit(() => log.close());
  return await command.talk(values, log, file);
});
