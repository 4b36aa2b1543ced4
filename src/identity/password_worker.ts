/**
 * The worker that hashes passwords: argon2id takes 50 to 110 ms of computing, during which an event loop stands still.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort } from "node:worker_threads";
import { argon2id } from "hash-wasm";
import { yieldToOthers } from "../runtime/thread_priority.ts";

/** One hash to compute. */
export interface HashJob {
  readonly id: number;
  readonly password: string;
  readonly salt: Uint8Array;
  /** Memory in KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly lanes: number;
  /** Length of the hash in bytes. */
  readonly length: number;
}

/** The result of a job. */
export type HashResult = { readonly id: number; readonly hash: Uint8Array } | {
  readonly id: number;
  readonly failure: string;
};

/** Garbage is collected after so many hashes: each time takes about a third as long as a hash. */
const COLLECT_EVERY = 3;

if (parentPort !== null) yieldToOthers();

/**
 * Collects the garbage of this worker. Each hash leaves 19 MiB of WebAssembly memory behind, which V8 does not count as
 * pressure: without this, 200 logins in a row come to 600 MiB.
 */
const collectGarbage: () => void = (() => {
  if (parentPort === null) return () => {}; // not in a worker: nothing of ours to collect
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
})();

let hashes = 0;

parentPort?.on("message", async ({ id, password, salt, memory, passes, lanes, length }: HashJob) => {
  let result: HashResult;
  try {
    const hash = await argon2id({
      password,
      salt,
      memorySize: memory,
      iterations: passes,
      parallelism: lanes,
      hashLength: length,
      outputType: "binary",
    });
    result = { id, hash };
  } catch (error) {
    result = { id, failure: (error as Error).message };
  }
  parentPort!.postMessage(result);
  if (++hashes % COLLECT_EVERY === 0) collectGarbage();
});
