/**
 * Bulk echo: a file through the server and back, with progress and a digest.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../src/errors.ts";
import { bulkEcho, type BulkProgress, type BulkResult } from "../src/client/bulk.ts";
import { count, type ServiceLog } from "../src/service_log.ts";
import { openStdio } from "../src/runtime/mod.ts";
import type { ClientValues } from "./client.ts";
import { connectAsTold } from "./client_connect.ts";
import { introduction } from "./client_login.ts";
import { beforeExit, printError } from "./command.ts";
import { fileSource, type OutputFile, outputFile, sizeOfStdin } from "./files.ts";
import { openProgress } from "./progress.ts";
import { CommandError, Status } from "./status.ts";

/** Sends the file, or standard input, and writes what comes back to `--output`, or standard output. */
export async function talk(values: ClientValues, log: ServiceLog, file?: string): Promise<Status> {
  const stdio = await openStdio();
  const input = file === undefined ? { source: stdio.stdin, size: sizeOfStdin() } : await fileSource(file);
  let output: OutputFile | undefined;
  if (values.output !== undefined) {
    output = await outputFile(values.output);
    beforeExit(() => output?.discard());
  }
  const login = await introduction(values);
  const { connection, peer, disconnected } = await connectAsTold(values, log);
  const progress = values.quiet || !values.progress ? undefined : await openProgress(input.size);
  const summed = new SummedLog(log, peer);
  const end = (reason: string) => {
    progress?.stop();
    summed.finish();
    disconnected(reason);
  };
  beforeExit(() => end("interrupted"));
  let result: BulkResult;
  try {
    result = await bulkEcho(connection, input.source, output?.sink ?? stdio.stdout, {
      framing: values.framing,
      timeoutMs: values.timeout * 1000,
      introduction: login,
      onProgress(now) {
        progress?.update(now.sent, now.received);
        summed.update(now);
      },
    });
  } catch (error) {
    end(messageOf(error));
    // Nobody reads standard output any more, as with `| head -c 1`: there is nothing to say, and nobody to say it to.
    if (output === undefined && isClosedOutput(error)) return Status.done;
    throw error;
  }
  end(result.matched ? "done" : "the echo differed or was cut short");
  if (!values.quiet) printError(summary(result));
  if (!result.matched) {
    throw new CommandError(
      Status.echoDiffers,
      `The echo ${result.failure === undefined && result.received >= result.sent ? "differed" : "was cut short"}: ` +
        `${count(result.sent, "byte")} sent, ${count(result.received, "byte")} received` +
        (result.failure === undefined ? "" : `; ${messageOf(result.failure)}`),
    );
  }
  await output?.keep();
  return Status.done;
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

const nothing: BulkProgress = { sent: 0, received: 0, chunks: { sent: 0, received: 0 } };

/** The client's `data.*` records: the first at once, then one a second, and what is left at the end. */
class SummedLog {
  readonly #log: ServiceLog;
  readonly #peer: string;
  #now = nothing;
  #logged = nothing;
  #at = -Infinity;

  constructor(log: ServiceLog, peer: string) {
    this.#log = log;
    this.#peer = peer;
  }

  update(now: BulkProgress): void {
    this.#now = now;
    if (performance.now() - this.#at >= 1000 && now.sent > 0) this.finish();
  }

  finish(): void {
    this.#at = performance.now();
    for (const [way, verb, preposition] of [["sent", "Sent", "to"], ["received", "Received", "from"]] as const) {
      const bytes = this.#now[way] - this.#logged[way];
      if (bytes === 0) continue;
      const chunks = this.#now.chunks[way] - this.#logged.chunks[way];
      this.#log.record(
        "info",
        `data.${way}`,
        `${verb} ${count(bytes, "byte")} in ${count(chunks, "chunk")} ${preposition} ${this.#peer}`,
        { peer: this.#peer, bytes, chunks },
      );
    }
    this.#logged = this.#now;
  }
}
