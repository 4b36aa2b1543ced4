/**
 * The progress bar of bulk echo, on cli-progress; nothing off a terminal.
 *
 * @module
 */
import process from "node:process";

/** Shows how far it is. */
export interface Progress {
  /** Bytes sent and received so far. */
  update(sent: number, received: number): void;
  /** Takes the bar away. */
  stop(): void;
}

/** A progress bar on standard error, or undefined where that is no terminal. `size` in bytes, where it is known. */
export async function openProgress(size: number | undefined): Promise<Progress | undefined> {
  if (!process.stderr.isTTY) return undefined;
  const { default: { SingleBar } } = await import("cli-progress");
  const format = size === undefined
    ? "{sent} MB sent, {received} MB received, {duration_formatted}"
    : "[{bar}] {percentage}% {received} of {size} MB, ETA {eta_formatted}";
  const bar = new SingleBar({ stream: process.stderr, format, clearOnComplete: true, hideCursor: true, barsize: 30 });
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  bar.start(size ?? 1, 0, { sent: "0.0", received: "0.0", size: megabytes(size ?? 0) });
  return {
    update: (sent, received) => bar.update(received, { sent: megabytes(sent), received: megabytes(received) }),
    stop: () => bar.stop(),
  };
}
