/**
 * Observers: stages that pass on everything unchanged, and count, digest or report it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { count, digest } from "echopipe/observers";
 *
 * const counted = count();
 * const sum = await digest("crc32");
 * await Array.fromAsync(sum.over(counted.over([new TextEncoder().encode("123456789")])));
 * assert.deepEqual([counted.bytes, sum.hex], [9, "cbf43926"]);
 * ```
 *
 * @module
 */
export { Count, count } from "./count.ts";
export { Digest, digest, type DigestAlgorithm } from "./digest.ts";
export type { Observed } from "./observed.ts";
export { progress, type ProgressOptions } from "./progress.ts";
