import assert from "node:assert/strict";
import { test } from "node:test";
import { access } from "../../src/access/access.ts";
import { authenticate } from "../../src/access/authenticate.ts";
import type { AccessEvent } from "../../src/access/steps.ts";
import { EchopipeError } from "../../src/errors.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { changeUser } from "../../src/identity/users.ts";
import { answer, hello, say, shared, type Turn } from "../access/access_support.ts";

const secret = "a long walk home";

/** A store whose disk can be full: what it has can be read. */
class Store extends MemoryUserStore {
  full = false;

  override create(...args: Parameters<MemoryUserStore["create"]>): ReturnType<MemoryUserStore["create"]> {
    return this.full ? Promise.reject(new EchopipeError("io", "no space is left")) : super.create(...args);
  }

  override update(...args: Parameters<MemoryUserStore["update"]>): ReturnType<MemoryUserStore["update"]> {
    return this.full ? Promise.reject(new EchopipeError("io", "no space is left")) : super.update(...args);
  }
}

test("10-27: on a full disk those who are known are admitted, by password and by token; nobody registers", async () => {
  const users = new Store();
  const server = { ...shared(), users, address: "192.0.2.7" };
  await using _passwords = server.passwords;
  let events: AccessEvent[] = [];
  const visit = async (address: string, ...turns: Turn[]) => {
    events = [];
    const login = authenticate({ ...server, address });
    return (await say(access({ mode: "password", login, onEvent: (event) => events.push(event) }), ...turns)).at(-1);
  };
  const first = await visit("192.0.2.7", hello, answer("name", "anna"), answer("new-password", secret));
  const { token } = first as { token: string };
  await changeUser(users, "anna", (user) => ({
    ...user,
    sessions: user.sessions.map((session) => ({ ...session, used: new Date(Date.now() - 3_600_000).toISOString() })),
  }));
  users.full = true;

  const byPassword = await visit("192.0.2.8", hello, answer("name", "anna"), answer("password", secret));
  assert.deepEqual(byPassword, { type: "welcome", version: 1, access: "password", name: "anna" });
  assert.deepEqual(events.map(({ type }) => type), ["unstored", "admitted"]);

  const byToken = await visit("192.0.2.8", { type: "hello", version: 1, token });
  assert.equal((byToken as { type: string; token: string }).token, token);

  const wrong = await visit("192.0.2.8", hello, answer("name", "anna"), answer("password", "another walk"));
  assert.equal((wrong as { type: string }).type, "ask");
  const newcomer = await visit("192.0.2.8", hello, answer("name", "bert"), answer("new-password", secret));
  assert.equal((newcomer as { code: string }).code, "unavailable");
});
