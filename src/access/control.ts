/**
 * Control messages: about the connection itself, beside its text and data.
 *
 * Each is one JSON object (RFC 8259) in UTF-8, at most 4 KiB long.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { MAX_CONTROL } from "../framing/message.ts";
import { Chunk } from "../framing/chunk.ts";
import { decodeUtf8 } from "../framing/utf8.ts";

/** The version of the control messages. */
export const CONTROL_VERSION = 1;

/** A field that the server asks for. */
export type Field = "name" | "password" | "new-password";

/** The client's first message, if it speaks control at all. */
export type Hello = { readonly type: "hello"; readonly version: number; readonly token?: string };
/** The client answers a question. */
export type Answer = { readonly type: "answer"; readonly field: string; readonly value: string };
/** The client gives its token back. */
export type Logout = { readonly type: "logout" };
/** The server has admitted the client; `expires` is when the token ends, in RFC 3339. */
export type Welcome = {
  readonly type: "welcome";
  readonly version: number;
  readonly access: string;
  readonly name?: string;
  readonly token?: string;
  readonly expires?: string;
};
/** The server asks; `text` is for people. */
export type Ask = { readonly type: "ask"; readonly field: Field; readonly text: string };
/** The server does not admit the client, and ends the connection. */
export type Refused = {
  readonly type: "refused";
  readonly code: string;
  readonly text: string;
  readonly retry_after_s?: number;
};
/** The server ends the connection. */
export type Bye = { readonly type: "bye"; readonly reason: string; readonly text: string };

/** Control messages of a client. */
export type ClientControl = Hello | Answer | Logout;
/** Control messages of a server. */
export type ServerControl = Welcome | Ask | Refused | Bye;
/** Any control message. */
export type Control = ClientControl | ServerControl;

/** A check of one member, and the words for a value that passes. */
interface Check {
  readonly expected: string;
  readonly optional?: true;
  passes(value: unknown): boolean;
}

const text: Check = { expected: "a string", passes: (value) => typeof value === "string" && value.isWellFormed() };
const version: Check = { expected: "a whole number", passes: (value) => Number.isSafeInteger(value) };
const seconds: Check = {
  expected: "a number of seconds",
  passes: (value) => typeof value === "number" && value >= 0 && Number.isFinite(value), // 1e999 is infinite
};
const field: Check = {
  expected: '"name", "password" or "new-password"',
  passes: (value) => value === "name" || value === "password" || value === "new-password",
};
const time: Check = {
  expected: "a time in RFC 3339",
  passes: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
};
const optional = (check: Check): Check => ({ ...check, optional: true });

/** The members of each message. */
const messages: Readonly<Record<Control["type"], Readonly<Record<string, Check>>>> = {
  hello: { version, token: optional(text) },
  answer: { field: text, value: text },
  logout: {},
  welcome: { version, access: text, name: optional(text), token: optional(text), expires: optional(time) },
  ask: { field, text },
  refused: { code: text, text, retry_after_s: optional(seconds) },
  bye: { reason: text, text },
};

const encoder = new TextEncoder();

/**
 * Reads a control message. Members that this version does not know are left out; a message of a type that it does not
 * know is `undefined`, and to be ignored.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseControl } from "echopipe";
 *
 * const bytes = new TextEncoder().encode('{"type":"hello","version":1,"later":true}');
 * assert.deepEqual(parseControl(bytes), { type: "hello", version: 1 });
 * ```
 *
 * @throws {EchopipeError} `protocol` if it is longer than 4 KiB, not UTF-8, not JSON, or not such an object. The message
 * never repeats what was received: it may be a password.
 */
export function parseControl(bytes: Uint8Array): Control | undefined {
  const object = parseObject(bytes);
  const type = Object.hasOwn(object, "type") ? object.type : undefined;
  if (typeof type !== "string") throw malformed('it has no "type"', 'a "type" that is a string');
  if (!Object.hasOwn(messages, type)) return undefined;
  const known: Record<string, unknown> = { type };
  for (const [name, check] of Object.entries(messages[type as Control["type"]])) {
    if (!Object.hasOwn(object, name)) {
      if (check.optional) continue;
      throw malformed(`"${type}" has no "${name}"`, check.expected);
    }
    if (!check.passes(object[name])) {
      throw malformed(`the "${name}" of "${type}" is not ${check.expected}`, check.expected);
    }
    known[name] = object[name];
  }
  return known as Control;
}

/** The subprotocol of WebSocket under which control messages travel as texts. */
export const CONTROL_PROTOCOL = "echopipe.control.1";

/** True for a text that is a control message: a JSON object of a type that this version knows. */
export function isControl(text: Uint8Array): boolean {
  try {
    const { type } = parseObject(text);
    return typeof type === "string" && Object.hasOwn(messages, type);
  } catch {
    return false; // a text like any other
  }
}

/**
 * A control message, to be sent.
 *
 * @throws {EchopipeError} `too-large` if it is longer than 4 KiB
 */
export function controlChunk(message: Control): Chunk {
  const bytes = encoder.encode(JSON.stringify(message));
  if (bytes.length > MAX_CONTROL) {
    throw new EchopipeError(
      "too-large",
      `Cannot send the control message "${message.type}": it has ${bytes.length} bytes, the limit is ${MAX_CONTROL}`,
      { received: bytes.length, limit: MAX_CONTROL },
    );
  }
  return Chunk.whole(bytes, "control");
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length > MAX_CONTROL) throw malformed(`it has ${bytes.length} bytes`, `at most ${MAX_CONTROL}`);
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(bytes));
  } catch (cause) {
    // No cause: its message quotes what was received.
    if (cause instanceof EchopipeError) throw malformed("it is not UTF-8", "UTF-8");
    throw malformed("it is not JSON", "a JSON object");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw malformed("it is not a JSON object", "a JSON object");
  }
  return value as Record<string, unknown>;
}

function malformed(found: string, expected: string): EchopipeError {
  return new EchopipeError("protocol", `Cannot read a control message: ${found}; expected ${expected}`, { expected });
}
