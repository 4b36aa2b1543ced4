/**
 * Values of a JSON file, read strictly.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { jsonFaultLine } from "./json_fault.ts";

/** A file of ours: JSON whose `format` and `version` are these. */
export interface JsonFormat {
  readonly format: string;
  readonly version: number;
  /** The words for the file, such as `users file`. */
  readonly title: string;
  /** Advice at the end of errors. */
  readonly advice: string;
}

/**
 * Parses the text of a file; `path` is for errors.
 *
 * @throws {EchopipeError} `damaged` if it is not JSON or of another format, saying in which line
 */
export function parseJsonFile(text: string, path: string, { format, version, title, advice }: JsonFormat): JsonValue {
  const damaged = (found: string, expected: string) =>
    new EchopipeError("damaged", `Cannot read the ${title} "${path}": ${found}; expected ${expected}; ${advice}`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // No cause: the engine's message quotes the text.
    throw damaged(text.trim() === "" ? "it is empty" : `line ${jsonFaultLine(text)} is not JSON`, "a JSON object");
  }
  const file = new JsonValue(json, "", damaged);
  const [hasFormat, hasVersion] = [file.member("format"), file.member("version")];
  if (hasFormat.string() !== format) throw hasFormat.fault("is another", `"${format}"`);
  if (hasVersion.integer() !== version) throw hasVersion.fault(`is ${hasVersion.integer()}`, String(version));
  return file;
}

/** A value, and where in its file it is. All that reads it throws `damaged`; no error repeats the value: it may be a secret. */
export class JsonValue {
  readonly #value: unknown;
  readonly #place: string;
  readonly #damaged: (found: string, expected: string) => EchopipeError;

  /** A value at `place`, such as `users[0].name`; empty: the whole. */
  constructor(value: unknown, place: string, damaged: (found: string, expected: string) => EchopipeError) {
    this.#value = value;
    this.#place = place;
    this.#damaged = damaged;
  }

  /** True where the value exists. */
  get exists(): boolean {
    return this.#value !== undefined;
  }

  /** A member of an object; it need not exist. */
  member(name: string): JsonValue {
    const object = this.#object();
    const place = this.#place === "" ? name : `${this.#place}.${name}`;
    return new JsonValue(Object.hasOwn(object, name) ? object[name] : undefined, place, this.#damaged);
  }

  /** All members of an object, with their names. */
  members(): [string, JsonValue][] {
    return Object.entries(this.#object()).map(([name, value], i) => [name, this.#entry(value, i)]);
  }

  /** The entries of a list. */
  list(max: number = Infinity): JsonValue[] {
    if (!Array.isArray(this.#value)) throw this.fault(this.#kind(), "a list");
    if (this.#value.length > max) throw this.fault(`has ${this.#value.length} entries`, `at most ${max}`);
    return this.#value.map((value, i) => this.#entry(value, i));
  }

  /** A string, which matches the pattern if there is one. */
  string(pattern?: RegExp, expected = "a string"): string {
    if (typeof this.#value !== "string") throw this.fault(this.#kind(), expected);
    if (pattern?.test(this.#value) === false) throw this.fault("has another form", expected);
    return this.#value;
  }

  /** A string that `check` does not throw for. */
  checked(check: (text: string) => unknown, expected: string): string {
    const text = this.string(undefined, expected);
    try {
      check(text);
    } catch {
      throw this.fault("has another form", expected);
    }
    return text;
  }

  /** A time in RFC 3339, UTC. */
  time(): string {
    const expected = "a time in RFC 3339, UTC";
    const text = this.string(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/, expected);
    if (Number.isNaN(Date.parse(text))) throw this.fault("is no time", expected);
    return text;
  }

  /** A whole number from 0. */
  integer(): number {
    const value = this.#value;
    if (typeof value !== "number") throw this.fault(this.#kind(), "a whole number");
    if (!Number.isSafeInteger(value) || value < 0) throw this.fault("is another number", "a whole number from 0");
    return value;
  }

  /** The error for this value. */
  fault(found: string, expected: string): EchopipeError {
    return this.#damaged(`${this.#place || "the whole"} ${found}`, expected);
  }

  #entry(value: unknown, index: number): JsonValue {
    return new JsonValue(value, `${this.#place}[${index}]`, this.#damaged);
  }

  #object(): Record<string, unknown> {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw this.fault(this.#kind(), "an object");
    }
    return value as Record<string, unknown>;
  }

  #kind(): string {
    const value = this.#value;
    if (value === undefined) return "is missing";
    if (value === null) return "is null";
    return Array.isArray(value) ? "is a list" : typeof value === "object" ? "is an object" : `is a ${typeof value}`;
  }
}
