/**
 * The worker that hashes passwords: argon2id takes 50 to 110 ms of computing, during which an event loop stands still.
 *
 * @module
 */
import { parentPort } from "node:worker_threads";
import { argon2id } from "hash-wasm";

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

/** What became of it. */
export type HashResult = { readonly id: number; readonly hash: Uint8Array } | {
  readonly id: number;
  readonly failure: string;
};

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
});
