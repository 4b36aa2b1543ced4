/**
 * `deno task load`: load on any echo server, every byte compared.
 *
 * @module
 */
import process from "node:process";
import type { LoadResult } from "../src/probe/load_contract.ts";
import { exit, printError, run } from "./command.ts";
import { parseCommandLine } from "./command_line.ts";
import { inFlightOf, loadLine, type LoadValues } from "./load_flags.ts";
import { checkDatagramSizes, notReached, targetOf } from "./probe_flags.ts";
import { onSignals } from "./signals.ts";
import { CommandError, Status } from "./status.ts";

await run("load", async () => {
  const parsed = parseCommandLine<LoadValues>(loadLine, process.argv.slice(2));
  const { values } = parsed;
  const { name, ...target } = targetOf(parsed);
  if (target.udp) checkDatagramSizes(values.size);
  const stop = new AbortController();
  let signal: number | undefined;
  onSignals((ended) => {
    signal = ended === "SIGTERM" ? 143 : 130;
    stop.abort();
  });
  const [{ load }, print, { csvHead, csvRow, TextOutput }, { print: say }] = await Promise.all([
    import("../src/probe/load.ts"),
    import("./load_print.ts"),
    import("./load_files.ts"),
    import("./standard_output.ts"),
  ]);
  const csv = await TextOutput.open(values.csv);
  const hgrm = await TextOutput.open(values.hgrm);
  const html = await TextOutput.open(values.html);
  csv?.write(csvHead);
  let result: LoadResult;
  try {
    result = await load({
      ...target,
      peers: values.peers,
      rate: values.rate,
      inFlight: inFlightOf(values),
      sizes: values.size,
      durationMs: values.duration * 1000,
      omitMs: values.omit * 1000,
      rampMs: values.ramp * 1000,
      intervalMs: values.interval * 1000,
      oneWay: values.oneWay ?? false,
      signal: stop.signal,
      onInterval(interval) {
        printError(print.intervalLine(interval));
        if (interval.measured) csv?.write(csvRow(interval));
      },
    });
  } catch (error) {
    if (signal !== undefined) return await exit(signal);
    throw notReached(error);
  }
  say(values.json ? print.loadJson(name, result) : print.loadTable(name, result, values.peers));
  hgrm?.write(result.latency.distribution());
  if (html !== undefined) {
    const { loadHtml } = await import("./load_html.ts");
    html.write(loadHtml(name, result, settingsOf(values)));
  }
  for (const file of [csv, hgrm, html]) await file?.keep();
  const held = (values.failIf ?? []).flatMap((condition) => {
    const found = condition.found(result);
    return found === undefined ? [] : [`--fail-if "${condition.text}" holds: ${found}`];
  });
  for (const text of held) printError(`load: ${text}`);
  if (signal !== undefined) return await exit(signal);
  const { mismatched, errors, messages } = result;
  if (mismatched > 0) throw new CommandError(Status.failed, `The echo differed: ${mismatched} messages`);
  const failed = held.length > 0 || messages === 0 || !target.udp && errors > 0;
  return failed ? Status.failed : Status.done;
});

/** The settings of a run in words. */
function settingsOf(values: LoadValues): string {
  const { peers, rate, size: { min, max }, udp, tls, framing, oneWay } = values;
  const way = udp ? "UDP" : `${tls ? "TLS" : "TCP"}, ${framing} framing`;
  const pace = rate === undefined ? `${inFlightOf(values)} in flight each` : `${rate} messages a second (open loop)`;
  return `${peers} peers over ${way}; messages of ${min === max ? min : `${min} to ${max}`} bytes, ${pace}` +
    `${oneWay ? ", one way" : ""}; ${new Date().toISOString()}`;
}
