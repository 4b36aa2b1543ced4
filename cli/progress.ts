/**
 * The progress bar of bulk echo, by cli-progress.
 *
 * @module
 */
import process from "node:process";

/** A progress bar, shown from the first update on. */
export interface Progress {
  /** Shows the numbers of bytes sent and received. */
  update(sent: number, received: number): void;
  /** Removes the bar. */
  stop(): void;
}

/**
 * Prepares a progress bar on standard error; undefined where that is no terminal. `size` is the number of bytes to send,
 * if it is known.
 */
export async function openProgress(size: number | undefined): Promise<Progress | undefined> {
  if (!process.stderr.isTTY) return undefined;
  const { default: { SingleBar } } = await import("cli-progress");
  const format = size === undefined
    ? "{sent} MB sent, {received} MB received, {duration_formatted}"
    : "[{bar}] {percentage}% {received} of {size} MB, ETA {eta_formatted}";
  const bar = new SingleBar({ stream: process.stderr, format, clearOnComplete: true, hideCursor: true, barsize: 30 });
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  return {
    update(sent, received) {
      if (!bar.isActive) bar.start(size ?? 1, 0, { sent: "0.0", received: "0.0", size: megabytes(size ?? 0) });
      bar.update(received, { sent: megabytes(sent), received: megabytes(received) });
    },
    stop() {
      if (bar.isActive) bar.stop();
    },
  };
}
