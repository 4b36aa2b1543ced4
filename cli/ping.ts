/**
 * `deno task ping`: round-trip times of any echo server.
 *
 * @module
 */
import process from "node:process";
import { messageOf } from "../src/errors.ts";
import type { PingResult } from "../src/probe/ping.ts";
import { exit, run } from "./command.ts";
import { parseCommandLine } from "./command_line.ts";
import { pingLine, type PingValues } from "./ping_flags.ts";
import { checkDatagramSizes, notReached, targetOf } from "./probe_flags.ts";
import { onSignals } from "./signals.ts";
import { CommandError, Status } from "./status.ts";

await run("ping", async () => {
  const parsed = parseCommandLine<PingValues>(pingLine, process.argv.slice(2));
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
