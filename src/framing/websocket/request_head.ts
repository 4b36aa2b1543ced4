/**
 * The head of an HTTP request: its line and its fields (RFC 9112).
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";

/** The longest head, in bytes. */
export const MAX_HEAD = 8192;

/** The head of a request. */
export interface RequestHead {
  /** The method, such as `GET`. */
  readonly method: string;
  /** The request target as it was sent: path and query. */
  readonly target: string;
  /** `1.1`. */
  readonly version: string;
  /** The fields by their names in lower case; values of one name are joined by a comma. */
  readonly fields: ReadonlyMap<string, string>;
}

// deno-lint-ignore no-control-regex -- those are what is looked for (RFC 9110, 5.5)
const CONTROLS = /[\0-\x08\x0a-\x1f\x7f]/;
const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** Gathers the head of a request, which may arrive in any pieces, up to {@linkcode MAX_HEAD} bytes. */
export class HeadGatherer {
  #bytes = new Uint8Array(512);
  #length = 0;

  /** Number of bytes gathered. */
  get length(): number {
    return this.#length;
  }

  /**
   * Takes bytes from index `at` on; returns the index behind the head, or -1: more bytes are needed.
   *
   * @throws {EchopipeError} `too-large` where the head is longer than the limit
   */
  take(bytes: Uint8Array, at: number): number {
    while (at < bytes.length) {
      if (this.#length === MAX_HEAD) {
        throw new EchopipeError("too-large", `Cannot read a request: its head has more than ${MAX_HEAD} bytes`, {
          limit: MAX_HEAD,
        });
      }
      if (this.#length === this.#bytes.length) this.#grow();
      this.#bytes[this.#length++] = bytes[at++];
      if (this.#isComplete()) return at;
    }
    return -1;
  }

  /**
   * The head, once it is complete.
   *
   * @throws {EchopipeError} `protocol` where it is not one of HTTP
   */
  head(): RequestHead {
    return parseHead(new TextDecoder("latin1").decode(this.#bytes.subarray(0, this.#length)));
  }

  #grow(): void {
    const larger = new Uint8Array(Math.min(MAX_HEAD, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  /** True at an empty line. A line may end with LF alone (RFC 9112, 2.2). */
  #isComplete(): boolean {
    const [bytes, end] = [this.#bytes, this.#length];
    if (bytes[end - 1] !== 0x0a) return false;
    return bytes[end - 2] === 0x0a || bytes[end - 2] === 0x0d && bytes[end - 3] === 0x0a;
  }
}

function parseHead(text: string): RequestHead {
  const fail = (found: string) => new EchopipeError("protocol", `Cannot read a request: ${found}`);
  const [first, ...lines] = text.replace(/\r?\n\r?\n$/, "").split(/\r?\n/);
  const [method = "", target = "", version = "", ...more] = first.split(" ");
  const [, number] = /^HTTP\/(\d\.\d)$/.exec(version) ?? [];
  if (number === undefined || more.length > 0 || !TOKEN.test(method) || target === "") {
    throw fail("its first line is none of HTTP");
  }
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    // A space before the colon, or at the beginning of a line, is how requests are smuggled (RFC 9112, 5.1 and 5.2).
    if (colon < 1 || !TOKEN.test(name)) throw fail("a line of its head is no field");
    const value = line.slice(colon + 1).trim();
    if (CONTROLS.test(value)) throw fail("a field of its head has a control character");
    fields.set(name, fields.has(name) ? `${fields.get(name)}, ${value}` : value);
  }
  return { method, target, version: number, fields };
}

/** True where a field is a list (RFC 9110, 5.6.1) that has the word, in any case. */
export function hasWord(head: RequestHead, field: string, word: string): boolean {
  return listOf(head, field).some((item) => item.toLowerCase() === word);
}

/** The items of a field that is a list. */
export function listOf({ fields }: RequestHead, field: string): string[] {
  return (fields.get(field) ?? "").split(",").map((item) => item.trim()).filter((item) => item !== "");
}
