/**
 * An observer that computes a digest.
 *
 * @module
 */
import type { IHasher } from "hash-wasm";
import { EchopipeError } from "../errors.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { bytesOf, type Observed } from "./observed.ts";

/**
 * The supported digests, fastest first. `xxhash128` and `crc32` detect accidental changes; only `blake3` and `sha256`
 * resist deliberate ones.
 */
export type DigestAlgorithm = "xxhash128" | "crc32" | "blake3" | "sha256";

// Loaded when first used: hash-wasm is as large as all the rest.
const makers: Readonly<Record<DigestAlgorithm, () => Promise<IHasher>>> = {
  xxhash128: async () => (await import("hash-wasm")).createXXHash128(),
  crc32: async () => (await import("hash-wasm")).createCRC32(),
  blake3: async () => (await import("hash-wasm")).createBLAKE3(),
  sha256: async () => (await import("hash-wasm")).createSHA256(),
};

/** Computes the digest of all bytes, and passes them on unchanged. */
export class Digest<T extends Observed> extends Stage<T, T> {
  readonly #hasher: IHasher;
  #hex: string | undefined;

  /** Makes the observer; use {@linkcode digest}. */
  constructor(hasher: IHasher) {
    super();
    this.#hasher = hasher;
  }

  /** Adds an item to the digest. */
  push(item: T, out: Output<T>): void {
    if (item.length > 0) this.#hasher.update(bytesOf(item));
    out.push(item);
  }

  /** Completes the digest at the end of the stream. */
  override end(): void {
    this.#hex = this.#hasher.digest("hex");
  }

  /**
   * The digest of all bytes, in hexadecimal.
   *
   * @throws {EchopipeError} `invalid-argument` before the end of the stream
   */
  get hex(): string {
    if (this.#hex === undefined) {
      throw new EchopipeError("invalid-argument", "Cannot give a digest: the stream has not ended");
    }
    return this.#hex;
  }
}

/**
 * An observer that computes a digest of all bytes. Default `xxhash128`, which processes gigabytes per second.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { digest } from "echopipe";
 *
 * const sum = await digest("sha256");
 * await Array.fromAsync(sum.over([new TextEncoder().encode("abc")]));
 * assert.match(sum.hex, /^ba7816bf/);
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for an unknown algorithm
 */
export async function digest<T extends Observed = Uint8Array>(
  algorithm: DigestAlgorithm = "xxhash128",
): Promise<Digest<T>> {
  if (!Object.hasOwn(makers, algorithm)) {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot digest by "${algorithm}": expected one of ${Object.keys(makers).join(", ")}`,
      { received: algorithm },
    );
  }
  const hasher = await makers[algorithm]();
  hasher.init();
  return new Digest<T>(hasher);
}
