/**
 * A run of `deno task verify`: the server is asked, case by case, and the report is written.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { EchopipeError } from "../src/errors.ts";
import { writeWhole } from "../src/files/atomic_file.ts";
import { type Address, formatAddress } from "../src/runtime/socket.ts";
import { type Case, type CaseResult, checkReachable, runCases, type Section, Tester } from "../src/verify/mod.ts";
import { type EndSignal, onSignals } from "./signals.ts";
import { CommandError, Status } from "./status.ts";
import { readCertificates } from "./text_file.ts";
import { compareWithExpected, readExpectedFailures } from "./verify_expected.ts";
import { junitXml, reportHtml } from "./verify_files.ts";
import { ProgressLine, TextOutput } from "./verify_output.ts";
import { reportJson, resultText, sectionText, summaryText } from "./verify_report.ts";
import type { VerifyValues } from "./verify_values.ts";

/** What is to be run. */
export interface VerifyRun {
  readonly target: Address;
  readonly chosen: readonly Case[];
  /** The ids of all cases. */
  readonly known: ReadonlySet<string>;
  readonly values: VerifyValues;
}

/** How a run ended. */
export interface VerifyEnd {
  readonly status: Status;
  /** The signal that cut it short. */
  readonly signal?: EndSignal;
}

/**
 * Runs cases and writes the report.
 *
 * @throws {CommandError} status 2 for a file that cannot be used, 3 if the server cannot be reached
 */
export async function verifyServer({ target, chosen, known, values }: VerifyRun): Promise<VerifyEnd> {
  const { framing, seed, strict = false } = values;
  const ids = readExpectedFailures(values.expectedFailures);
  const ca = values.tlsCa === undefined ? undefined : readCertificates("--tls-ca", values.tlsCa);
  for (const flag of ["junit", "html"] as const) await checkFolder(`--${flag}`, values[flag]);
  const tls = values.tls || ca !== undefined ? { ca } : undefined;
  const tester = new Tester({ target, tls, framing, seed, timeoutMs: values.timeout * 1000 });
  const output = await TextOutput.open();
  const progress = new ProgressLine();
  let signal: EndSignal | undefined;
  onSignals((first) => {
    signal = first;
    tester.stop();
  });
  output.onFailure = () => tester.stop();

  progress.show(`connecting to ${formatAddress(target)}`);
  try {
    await checkReachable(tester, chosen.every(({ section }) => section === "udp"));
  } catch (error) {
    if (!tester.stopped) throw unreachable(error);
  } finally {
    progress.clear();
  }
  const say = (text: string) => {
    progress.clear();
    if (!values.json) output.write(text);
  };
  say(`verify ${formatAddress(target)}: ${chosen.length} cases, framing ${framing}, seed ${seed}\n`);
  let section: Section | undefined;
  const results = await runCases(chosen, tester, strict, {
    begin(one, number) {
      if (one.section !== section) say(sectionText(section = one.section));
      progress.show(`${number}/${chosen.length} ${one.id}`);
    },
    end: (result) => say(resultText(result)),
  });
  progress.clear();
  const compared = compareWithExpected(results, ids, known);
  if (values.json) output.write(reportJson({ target: formatAddress(target), results }));
  else {
    if (tester.stopped) say(`\nInterrupted after ${results.length} of ${chosen.length} cases\n`);
    output.write(summaryText(results, compared));
  }
  await output.flush();
  await writeFiles(formatAddress(target), results, values);
  const failed = compared.unexpected.length + compared.stale.length > 0;
  return { status: failed ? Status.failed : Status.done, signal };
}

async function writeFiles(
  target: string,
  results: readonly CaseResult[],
  { junit, html }: VerifyValues,
): Promise<void> {
  if (junit !== undefined) await writeWhole(junit, junitXml({ target, results }));
  if (html !== undefined) await writeWhole(html, reportHtml({ target, results }));
}

/** A report that cannot be written is better known before all cases than after them. */
async function checkFolder(flag: string, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  const folder = dirname(path);
  if (await stat(folder).then((found) => found.isDirectory(), () => false)) return;
  throw new CommandError(Status.usage, `Cannot use ${flag} "${path}": there is no folder "${folder}"`);
}

function unreachable(error: unknown): unknown {
  return error instanceof EchopipeError ? new CommandError(Status.notConnected, error.message, error) : error;
}
