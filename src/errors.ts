/**
 * Errors, each with a stable code and the facts that belong to it.
 *
 * @module
 */

/**
 * The stable codes of {@linkcode EchopipeError}. A code is never renamed or given another meaning.
 *
 * | code | meaning |
 * | --- | --- |
 * | `protocol` | the peer sent what the framing does not allow |
 * | `truncated` | the stream ended inside a header, a payload or a message |
 * | `too-large` | a limit on size was exceeded |
 * | `invalid-argument` | an argument or option is out of its range, or a call is not allowed now |
 * | `invalid-text` | bytes that should be text are not UTF-8 |
 * | `in-use` | a stage object was given to a second stream, or a connection was read twice at once |
 * | `ended` | the stage ended the stream before its input did |
 * | `closed` | the connection is closed already |
 * | `address-in-use` | another socket listens on that address and port |
 * | `address-not-available` | the address does not belong to this machine |
 * | `permission` | the system or the runtime does not allow it |
 * | `host-not-found` | no address is known for that name |
 * | `connection-refused` | nothing listens there |
 * | `unreachable` | no route leads there |
 * | `reset` | the peer ended the connection without closing it properly |
 * | `timed-out` | a timeout expired |
 * | `refused` | the server did not admit this client |
 * | `busy` | too much is pending already |
 * | `damaged` | a file that this library keeps does not have the expected format |
 * | `tls` | TLS failed, or the peer's certificate is not trusted |
 * | `io` | any other failure of the system: see `cause` |
 */
export type ErrorCode =
  | "protocol"
  | "truncated"
  | "too-large"
  | "invalid-argument"
  | "invalid-text"
  | "in-use"
  | "ended"
  | "closed"
  | "address-in-use"
  | "address-not-available"
  | "permission"
  | "host-not-found"
  | "connection-refused"
  | "unreachable"
  | "reset"
  | "timed-out"
  | "refused"
  | "busy"
  | "damaged"
  | "tls"
  | "io";

/** The facts an error carries beside its message: sizes in bytes, positions in bytes from the start of the stream. */
export interface ErrorFields {
  /** Position in the stream, in bytes from its start. */
  readonly position?: number;
  /** The number of bytes that were received, or the value that was refused. */
  readonly received?: number | string;
  /** The number or value that was announced or expected. */
  readonly expected?: number | string;
  /** The limit that was exceeded. */
  readonly limit?: number;
  /** The error that caused this one. */
  readonly cause?: unknown;
}

/**
 * An error of this library. Its message says what was attempted, what was found and what was expected.
 *
 * @example Telling errors apart by their code
 * ```ts
 * import assert from "node:assert/strict";
 * import { EchopipeError } from "echopipe";
 *
 * const error = new EchopipeError("too-large", "Cannot read a message: 9 bytes, the limit is 8", { limit: 8 });
 * assert.deepEqual(error.code, "too-large");
 * assert.deepEqual(error.limit, 8);
 * ```
 */
export class EchopipeError extends Error {
  /** Always `EchopipeError`. */
  override readonly name: string = "EchopipeError";
  /** The stable code. */
  readonly code: ErrorCode;
  /** Position in the stream, in bytes from its start. */
  readonly position?: number;
  /** The number of bytes that were received, or the value that was refused. */
  readonly received?: number | string;
  /** The number or value that was announced or expected. */
  readonly expected?: number | string;
  /** The limit that was exceeded. */
  readonly limit?: number;

  /** Makes an error of that code; `message` has no final period. */
  constructor(code: ErrorCode, message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = code;
    this.position = fields.position;
    this.received = fields.received;
    this.expected = fields.expected;
    this.limit = fields.limit;
  }
}

/** The message of a thrown value of any type. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Returns an option after checking that it is an integer within its bounds, both inclusive.
 *
 * @throws {EchopipeError} `invalid-argument` if it is not
 */
export function checkInteger(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot use ${name} "${value}": expected an integer from ${min} to ${max}`,
      { received: value },
    );
  }
  return value;
}
