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
    ? "{sent} MB sent, {received} MB received, {rate} MB/s, {duration_formatted}"
    : "[{bar}] {percentage}% {received} of {size} MB, {rate} MB/s, ETA {eta_formatted}";
  const bar = new SingleBar({ stream: process.stderr, format, clearOnComplete: true, hideCursor: true, barsize: 30 });
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  let began = 0;
  return {
    update(sent, received) {
      if (!bar.isActive) {
        began = performance.now();
        bar.start(size ?? 1, 0, { sent: "0.0", received: "0.0", rate: "0.0", size: megabytes(size ?? 0) });
      }
      const seconds = Math.max(performance.now() - began, 1) / 1000;
      bar.update(received, {
        sent: megabytes(sent),
        received: megabytes(received),
        rate: megabytes(received / seconds),
      });
    },
    stop() {
      if (bar.isActive) bar.stop();
    },
  };
}
