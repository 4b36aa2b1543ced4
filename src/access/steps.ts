/**
 * What a login is made of: one step for each thing that the client says.
 *
 * @module
 */
import type { Field } from "./control.ts";

/** Who may use a server. */
export type AccessMode = "open" | "identify" | "password";

/** The client is asked for something. */
export interface AskStep {
  /** What it is. */
  readonly type: "ask";
  /** What is asked for. */
  readonly field: Field;
  /** The question, for people. */
  readonly text: string;
  /** Whether it is asked again because a password was wrong. */
  readonly wrong?: boolean;
}

/** The client is admitted. */
export interface WelcomeStep {
  /** What it is. */
  readonly type: "welcome";
  /** Who it is; undefined where nobody asked. */
  readonly name?: string;
  /** The session token, where there is one. */
  readonly token?: string;
  /** When the token ends. */
  readonly expires?: Date;
  /** The greeting, for people; undefined: none. */
  readonly text?: string;
  /** Whether the name was not known before. */
  readonly registered?: boolean;
}

/** Why a client is not admitted. A code is never renamed. */
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
  /** What it is. */
  readonly type: "refused";
  /** Why, as a stable code. */
  readonly code: RefusedCode;
  /** Why, for people. */
  readonly text: string;
  /** When it may be worth another try, in seconds. */
  readonly retryAfter?: number;
}

/** The client has logged out or left, and the connection ends. */
export interface ByeStep {
  /** What it is. */
  readonly type: "bye";
  /** Why, as a stable word. */
  readonly reason: string;
  /** Why, in words. */
  readonly text: string;
}

/** What the server does next. */
export type Step = AskStep | WelcomeStep | RefusedStep | ByeStep;

/** How a client becomes known, free of wires: asked for its next step each time the client has said something. */
export interface Login {
  /** The client is there; `token`: from a login before. */
  begin(token?: string): Step | Promise<Step>;
  /** The client answers the last question. */
  answer(value: string): Step | Promise<Step>;
  /** The client gives its token back. */
  logout?(): void | Promise<void>;
}

/** What a login reports, for the log: never a password or a token. */
export type AccessEvent =
  | { readonly type: "admitted"; readonly name?: string; readonly registered: boolean }
  | { readonly type: "wrong" }
  | { readonly type: "refused"; readonly code: RefusedCode; readonly text: string }
  | { readonly type: "logged-out"; readonly name?: string }
  | { readonly type: "failed"; readonly error: unknown };

/** Shorthand for a refusal. */
export function refused(code: RefusedCode, text: string, retryAfter?: number): RefusedStep {
  return { type: "refused", code, text, ...(retryAfter !== undefined && { retryAfter }) };
}
