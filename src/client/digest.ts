/**
 * A digest of what passes.
 *
 * @module
 */
import { createXXHash128, type IHasher } from "hash-wasm";
import { type Output, Stage } from "../stage/stage.ts";

/** The name of the digest: the one `xxhsum -H2` prints. */
export const DIGEST_NAME = "xxh128";

/** Observes bytes: counts and digests them, and changes nothing. */
export class Digest extends Stage<Uint8Array, Uint8Array> {
  readonly #hasher: IHasher;
  #bytes = 0;

  private constructor(hasher: IHasher) {
    super();
    this.#hasher = hasher;
  }

  /** Makes a digest: XXH128, fast enough not to slow the data. It proves that nothing was damaged, not who sent it. */
  static async create(): Promise<Digest> {
    return new Digest((await createXXHash128()).init());
  }

  /** Bytes that have passed. */
  get bytes(): number {
    return this.#bytes;
  }

  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    this.#bytes += bytes.length;
    this.#hasher.update(bytes);
    out.push(bytes);
  }

  /** The digest of all that has passed, in hexadecimal; the digest is of no more use after it. */
  hex(): string {
    return this.#hasher.digest("hex");
  }
}
