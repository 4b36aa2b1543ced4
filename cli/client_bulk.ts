/**
 * Bulk echo: a file through the server and back, with progress and a digest.
 *
 * @module
 */
import { stat } from "node:fs/promises";
import { isatty } from "node:tty";
import { EchopipeError, messageOf } from "../src/errors.ts";
import { bulkEcho, type BulkResult } from "../src/client/bulk.ts";
import { count, type ServiceLog } from "../src/service_log.ts";
import { openStdio } from "../src/runtime/mod.ts";
import { askConfirmation, canAsk } from "./ask.ts";
import { BulkLog } from "./bulk_log.ts";
import type { ClientValues } from "./client_values.ts";
import { connectToServer } from "./client_connect.ts";
import { introduction } from "./client_login.ts";
import { beforeExit, printError } from "./command.ts";
import { fileSource, sizeOfStdin } from "./input_file.ts";
import { type OutputFile, outputFile } from "./output_file.ts";
import { openProgress } from "./progress.ts";
import { CommandError, Status } from "./status.ts";
import { withTlsHint } from "./tls_hint.ts";
import { textOnly } from "./text_only.ts";

/** Sends the file, or standard input, and writes what comes back to `--output`, or standard output. */
export async function talk(values: ClientValues, log: ServiceLog, file?: string): Promise<Status> {
  const stdio = await openStdio();
  const input = file === undefined ? { source: stdio.stdin, size: sizeOfStdin() } : await fileSource(file);
  let output: OutputFile | undefined;
  if (values.output !== undefined && values.output !== "-") {
    await confirmReplacing(values.output, values);
    output = await outputFile(values.output);
    beforeExit(() => output?.discard());
  }
  const standardOutput = values.output === undefined && isatty(1) ? textOnly(stdio.stdout) : stdio.stdout;
  const login = await introduction(values);
  const { connection, peer, disconnected } = await connectToServer(values, log);
  const progress = hasProgress(values, output) ? await openProgress(input.size) : undefined;
  const sums = new BulkLog(log, peer);
  const end = (reason: string) => {
    progress?.stop();
    sums.flush();
    disconnected(reason);
  };
  beforeExit(() => end("interrupted"));
  let result: BulkResult;
  try {
    result = await bulkEcho(connection, input.source, output?.sink ?? standardOutput, {
      framing: values.framing,
      timeoutMs: values.timeout * 1000,
      introduction: login,
      onProgress(now) {
        progress?.update(now.sent, now.received);
        sums.update(now);
      },
    });
  } catch (error) {
    end(messageOf(error));
    // The reader of standard output has left, as `| head -c 1` does: that is no failure.
    if (output === undefined && isClosedOutput(error)) return Status.done;
    throw await withTlsHint(error, values, connection);
  }
  end(result.matched ? "done" : "the echo differed or was cut short");
  if (!values.quiet) printError(summary(result));
  if (!result.matched) {
    const { sent, received, failure } = result;
    const beyond = received > sent;
    const differed = beyond || failure === undefined && received === sent;
    const reason = failure === undefined || beyond ? "" : `; ${messageOf(failure)}`;
    const error = new CommandError(
      Status.echoDiffers,
      `The echo ${differed ? "differed" : "was cut short"}: ` +
        `${count(sent, "byte")} sent, ${count(received, "byte")} received${reason}`,
    );
    throw received === 0 && sent > 0 ? await withTlsHint(error, values, connection) : error;
  }
  await output?.keep();
  return Status.done;
}

/** True if the progress bar has the terminal to itself: neither data nor records are written there. */
function hasProgress({ quiet, progress, logTo }: ClientValues, output: OutputFile | undefined): boolean {
  const isShared = logTo === "console" || logTo === "both" || output === undefined && isatty(1);
  return progress && !quiet && !isShared;
}

/** Asks before a file is replaced, where a person is there to answer. */
async function confirmReplacing(path: string, { yes }: ClientValues): Promise<void> {
  if (yes || !canAsk() || !await stat(path).then((info) => info.isFile(), () => false)) return;
  if (await askConfirmation(`${path} exists. Replace it?`)) return;
  throw new CommandError(Status.failed, `Cannot write the file "${path}": it exists, and is not to be replaced`);
}

/** The one line that bulk echo ends with. */
export function summary({ sent, received, sentDigest, receivedDigest, matched, seconds }: BulkResult): string {
  const digest = matched
    ? `${sentDigest} matched`
    : `${sentDigest ?? "unknown"} sent, ${receivedDigest ?? "unknown"} received, not matched`;
  const rate = (sent / 1e6 / Math.max(seconds, 1e-6)).toFixed(1);
  return `${sent} bytes sent, ${received} bytes received, xxh128 ${digest}, ${seconds.toFixed(3)} s, ${rate} MB/s`;
}

function isClosedOutput(error: unknown): boolean {
  return error instanceof EchopipeError && error.code === "reset" &&
    error.message.startsWith("Cannot write standard output");
}
