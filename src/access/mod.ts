/**
 * Access: who may use a server, and how a client becomes known to it. Here are the stage that admits a client, the dialogue
 * of a login in control messages and in plain text, and the gate that a server's connections share. Users, passwords and
 * sessions are kept in `identity/`; what a client does once it is admitted is a matter of `handlers/`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { access, Chunk, identify, MemoryUserStore } from "echopipe";
 *
 * const login = identify({ users: new MemoryUserStore(), address: "192.0.2.7" });
 * const stage = access({ mode: "identify", login });
 * const heard = await Array.fromAsync(stage.over([Chunk.text("anna"), Chunk.text("hi")]), (chunk) => chunk.toText());
 * assert.deepEqual(heard, ["Hello, what is your name?", "Hello, anna", "hi"]);
 * ```
 *
 * @module
 */
export { Access, access } from "./access.ts";
export type { AccessOptions } from "./access_options.ts";
export { authenticate, type AuthenticateOptions } from "./authenticate.ts";
export {
  type Answer,
  type Ask,
  type Bye,
  type ClientControl,
  type Control,
  controlChunk,
  type Field,
  type Hello,
  type Logout,
  parseControl,
  type Refused,
  type ServerControl,
  type Welcome,
} from "./control.ts";
export { identify, type IdentifyOptions } from "./identify.ts";
export { UserWatch } from "./user_watch.ts";
export type {
  AccessEvent,
  AccessMode,
  AskStep,
  ByeStep,
  Login,
  RefusedCode,
  RefusedStep,
  Step,
  WelcomeStep,
} from "./steps.ts";
