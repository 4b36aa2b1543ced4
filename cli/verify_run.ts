/**
 * A run of `deno task verify`: the server is asked, case by case, and the report is written.
 *
 * @module
 */
import { EchopipeError } from "../src/errors.ts";
import { type Address, formatAddress } from "../src/runtime/socket.ts";
import { type Case, checkReachable, runCases, type Section, Tester } from "../src/verify/mod.ts";
import { beforeExit } from "./command.ts";
import { type OutputFile, outputFile } from "./output_file.ts";
import { type EndSignal, onSignals } from "./signals.ts";
import { CommandError, Status } from "./status.ts";
import { readCertificates } from "./text_file.ts";
import { compareWithExpected, readExpectedFailures } from "./verify_expected.ts";
import { junitXml, reportHtml } from "./verify_files.ts";
import { VerifyOutput } from "./verify_output.ts";
import { type Report, reportJson, resultText, sectionText, summaryText } from "./verify_report.ts";
import type { VerifyValues } from "./verify_flags.ts";

/** The server, the cases and the flags of a run. */
export interface VerifyRun {
  readonly target: Address;
  readonly chosen: readonly Case[];
  /** The ids of all cases. */
  readonly known: ReadonlySet<string>;
  readonly values: VerifyValues;
}

/** The end of a run. */
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
  const files = await openFiles(values);
  const tls = values.tls || ca !== undefined ? { ca } : undefined;
  const tester = new Tester({ target, tls, framing, seed, timeoutMs: values.timeout * 1000 });
  const output = await VerifyOutput.open();
  let signal: EndSignal | undefined;
  onSignals((first) => {
    signal = first;
    tester.stop();
  });
  output.onFailure = () => tester.stop();

  output.progress(`connecting to ${formatAddress(target)}`);
  try {
    await checkReachable(tester, chosen.every(({ section }) => section === "udp"));
  } catch (error) {
    if (!tester.stopped) throw unreachable(error);
  } finally {
    output.progress();
  }
  const say = (text: string) => {
    if (!values.json) output.write(text);
  };
  say(`verify ${formatAddress(target)}: ${chosen.length} cases, framing ${framing}, seed ${seed}\n`);
  let section: Section | undefined;
  const results = await runCases(chosen, tester, strict, {
    begin(one, number) {
      if (one.section !== section) say(sectionText(section = one.section));
      output.progress(`${number}/${chosen.length} ${one.id}`);
    },
    end: (result) => say(resultText(result)),
  });
  output.progress();
  const compared = compareWithExpected(results, ids, known);
  if (values.json) output.write(reportJson({ target: formatAddress(target), results }));
  else {
    if (tester.stopped) say(`\nInterrupted after ${results.length} of ${chosen.length} cases\n`);
    output.write(summaryText(results, compared));
  }
  await output.flush();
  for (const { file, make } of files) {
    await file.sink.write(new TextEncoder().encode(make({ target: formatAddress(target), results })));
    await file.keep();
  }
  const failed = compared.unexpected.length + compared.stale.length > 0;
  return { status: failed ? Status.failed : Status.done, signal };
}

/** A report as a file, which is there when it is complete. */
interface ReportFile {
  readonly file: OutputFile;
  readonly make: (report: Report) => string;
}

/** Opens the files that the flags name: one that cannot be written is better known before all cases than after them. */
async function openFiles({ junit, html }: VerifyValues): Promise<ReportFile[]> {
  const files: ReportFile[] = [];
  for (const [flag, path, make] of [["--junit", junit, junitXml], ["--html", html, reportHtml]] as const) {
    if (path === undefined) continue;
    const file = await outputFile(path);
    if (file === undefined) {
      throw new CommandError(Status.usage, `Cannot use ${flag} "${path}": it is standard output; expected a file`);
    }
    beforeExit(() => file.discard());
    files.push({ file, make });
  }
  return files;
}

function unreachable(error: unknown): unknown {
  return error instanceof EchopipeError ? new CommandError(Status.notConnected, error.message, error) : error;
}
