/**
 * Identity: who the users are, and what proves it. Here are the stores of users, passwords and their hashes, sessions, and
 * the throttle that slows guessing down. Nothing here knows of connections or messages: the dialogue that a client logs in
 * by is in `access/`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { MemoryUserStore, Sessions } from "echopipe";
 *
 * const users = new MemoryUserStore();
 * const anna = await users.create({ name: "anna", created: new Date().toISOString(), addresses: [], sessions: [] });
 * const { user, token } = new Sessions().begin(anna!.user);
 * await users.update(user, anna!.revision);
 * assert.ok(!JSON.stringify(await users.get("anna")).includes(token));
 * ```
 *
 * @module
 */
export type { AccountParts } from "./accounts.ts";
export { FileUserStore } from "./file_store.ts";
export type { HashTurn } from "./hash_queue.ts";
export { MemoryUserStore } from "./memory_store.ts";
export { type PasswordOptions, Passwords } from "./passwords.ts";
export { type OpenedSession, type SessionOptions, Sessions } from "./sessions.ts";
export { type Delay, Throttle, type ThrottleOptions } from "./throttle.ts";
export type { StoredSession, StoredUser, User, UserStore } from "./users.ts";
