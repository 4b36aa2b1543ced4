/**
 * `deno task ping`: round-trip times of any echo server.
 *
 * @module
 */
import process from "node:process";
import { messageOf } from "../src/errors.ts";
import type { PingResult } from "../src/probe/ping.ts";
import { MAX_MESSAGE } from "../src/probe/script.ts";
import { exit, run } from "./command.ts";
import { typedCommand } from "./command_name.ts";
import { parseCommandLine } from "./command_line.ts";
import { type Flag, integerFrom, secondsFrom } from "./flags.ts";
import { checkDatagramSizes, notReached, probeFlags, type ProbeValues, targetOf } from "./probe_flags.ts";
import { onSignals } from "./signals.ts";
import { CommandError, Status } from "./status.ts";

interface Values extends ProbeValues {
  readonly count?: number;
  readonly interval: number;
  readonly size: number;
}

const flags: readonly Flag[] = [
  {
    flags: "-c, --count <COUNT>",
    meaning: "number of messages; without it until Ctrl-C",
    parse: integerFrom(1, 1_000_000_000),
  },
  {
    flags: "-i, --interval <SECONDS>",
    meaning: "time between two messages",
    fallback: 1,
    parse: secondsFrom(0.001, 86_400),
  },
  { flags: "-s, --size <BYTES>", meaning: "size of a message", fallback: 56, parse: integerFrom(1, MAX_MESSAGE) },
  ...probeFlags,
];

await run("ping", async () => {
  const parsed = parseCommandLine<Values>({
    name: typedCommand("ping"),
    summary: "Measures the round-trip times of an echo server, and compares every byte that comes back.",
    operands: "[HOST:PORT]",
    flags,
    notes: `
Exit status: 0 every answer was right; 1 a wrong byte, or a lost message over TCP; 2 usage; 3 unreachable, and over UDP
nothing was answered.
`,
  }, process.argv.slice(2));
  const { values } = parsed;
  const { name, ...target } = targetOf(parsed);
  const { udp = false, framing } = target;
  const { count = Infinity, interval, size, json } = values;
  if (udp) checkDatagramSizes({ min: size, max: size });
  const stop = new AbortController();
  let signal: number | undefined;
  onSignals((ended) => {
    signal = ended === "SIGTERM" ? 143 : 130;
    stop.abort();
  });
  const [{ ping }, { answerLine, pingJson, Sparkline, summaryLines }, { print }] = await Promise.all([
    import("../src/probe/ping.ts"),
    import("./ping_print.ts"),
    import("./standard_output.ts"),
  ]);
  const way = udp ? "UDP" : target.tls ? `TLS, ${framing} framing` : `TCP, ${framing} framing`;
  if (!json) print(`PING ${name} over ${way}: ${size} bytes\n`);
  const sparks = process.stdout.isTTY ? new Sparkline() : undefined;
  let result: PingResult;
  try {
    result = await ping({
      ...target,
      count,
      intervalMs: interval * 1000,
      size,
      signal: stop.signal,
      onAnswer(answer) {
        sparks?.add(answer);
        if (!json && !print(answerLine(name, answer))) stop.abort();
      },
    });
  } catch (error) {
    if (stop.signal.aborted) return await exit(signal ?? Status.done);
    throw notReached(error);
  }
  print(json ? pingJson(name, result) : summaryLines(name, result, udp) + (sparks?.line() ?? ""));
  const { sent, received, mismatched, failure } = result;
  if (udp && received === 0 && signal === undefined) {
    throw new CommandError(Status.notConnected, `Cannot reach ${name}: none of ${sent} datagrams was answered`);
  }
  if (failure !== undefined) throw new CommandError(Status.failed, messageOf(failure), failure);
  if (mismatched > 0) throw new CommandError(Status.failed, `The echo differed: ${mismatched} of ${sent} messages`);
  // Ctrl-C is the usual end where no number of messages is given.
  if (signal !== undefined && (count !== Infinity || signal === 143)) return await exit(signal);
  const failed = udp || stop.signal.aborted ? received === 0 : received < sent;
  return failed ? Status.failed : Status.done;
});
