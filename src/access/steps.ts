/**
 * The steps of a login: one for each answer of the client.
 *
 * @module
 */
import type { Field } from "./control.ts";

/** Modes of access: `open` to everybody, to those who give a name, to those who prove it by a password. */
export type AccessMode = "open" | "identify" | "password";

/** The client is asked for something. */
export interface AskStep {
  /** The type of the step. */
  readonly type: "ask";
  /** The field that is asked for. */
  readonly field: Field;
  /** The question, for people. */
  readonly text: string;
  /** True where it is asked again because a password was wrong. */
  readonly wrong?: boolean;
}

/** The client is admitted. */
export interface WelcomeStep {
  /** The type of the step. */
  readonly type: "welcome";
  /** The client's name; undefined where nobody asked. */
  readonly name?: string;
  /** The session token, where there is one. */
  readonly token?: string;
  /** The end of the token. */
  readonly expires?: Date;
  /** The greeting, for people; undefined: none. */
  readonly text?: string;
  /** True where the name was not known before. */
  readonly registered?: boolean;
  /** The error where the login was right, but could not be stored. */
  readonly unstored?: unknown;
}

/** Reasons why a client is not admitted. A code is never renamed. */
export type RefusedCode =
  | "busy"
  | "closed"
  | "credentials"
  | "login-required"
  | "out-of-order"
  | "throttled"
  | "timed-out"
  | "too-much"
  | "unavailable"
  | "version";

/** The client is not admitted, and the connection ends. */
export interface RefusedStep {
  /** The type of the step. */
  readonly type: "refused";
  /** The reason, as a stable code. */
  readonly code: RefusedCode;
  /** The reason, for people. */
  readonly text: string;
  /** The time after which another try may be worth it, in seconds. */
  readonly retryAfter?: number;
}

/** The client has logged out or left, and the connection ends. */
export interface ByeStep {
  /** The type of the step. */
  readonly type: "bye";
  /** The reason, as a stable word. */
  readonly reason: string;
  /** The reason, in words. */
  readonly text: string;
}

/** The next step of the server. */
export type Step = AskStep | WelcomeStep | RefusedStep | ByeStep;

/** A dialogue by which a client becomes known, free of wires: each input of the client leads to the next step. */
export interface Login {
  /** The client is there; `token`: from a login before. */
  begin(token?: string): Step | Promise<Step>;
  /** The client answers the last question. */
  answer(value: string): Step | Promise<Step>;
  /** The client gives its token back. */
  logout?(): void | Promise<void>;
  /** Calls `revoked` when the client that was admitted no longer may use the server; returns what ends the watch. */
  watch?(revoked: (why: string) => void): () => void;
}

/** An event of a login, for the log: never with a password or a token. */
export type AccessEvent =
  | { readonly type: "admitted"; readonly name?: string; readonly registered: boolean }
  | { readonly type: "wrong" }
  | { readonly type: "refused"; readonly code: RefusedCode; readonly text: string }
  | { readonly type: "logged-out"; readonly name?: string }
  /** Its user was removed, or has another password. */
  | { readonly type: "revoked"; readonly text: string }
  /** The login was right; no session could be stored. */
  | { readonly type: "unstored"; readonly error: unknown }
  | { readonly type: "failed"; readonly error: unknown };

/** Shorthand for a refusal. */
export function refused(code: RefusedCode, text: string, retryAfter?: number): RefusedStep {
  return { type: "refused", code, text, ...(retryAfter !== undefined && { retryAfter }) };
}
