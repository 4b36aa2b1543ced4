/** A worker that misbehaves as it is told: by the framing of its options, the only word that reaches it. */
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";

const { framing } = workerData.options;
parentPort!.on("message", () => {}); // it is told to stop, and does not
parentPort!.postMessage({ type: "listening" });
if (framing === "message") setTimeout(() => process.exit(3), 0);
