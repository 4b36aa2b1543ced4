import assert from "node:assert/strict";
import { test } from "node:test";
import { access } from "../../src/access/access.ts";
import { identify } from "../../src/access/identify.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { newUser } from "../../src/identity/users.ts";
import { phc } from "../identity/store_contract.ts";
import { answer, hello, say, shortly, type Turn } from "./access_support.ts";

const users = () => new MemoryUserStore();
const visit = (store: MemoryUserStore, address: string, ...turns: Turn[]) =>
  say(access({ mode: "identify", login: identify({ users: store, address }), framing: "line" }), ...turns);

test("unknown, it is asked for a name; known, it is greeted by it", async () => {
  const store = users();
  assert.deepEqual(await visit(store, "192.0.2.1", "anna\n", "hi\n"), [
    "Hello, what is your name?\n",
    "Hello, anna\n",
    "hi\n",
  ]);
  assert.deepEqual(await visit(store, "192.0.2.1", "hi\n"), ["Hello again, anna\n", "hi\n"]);
  assert.deepEqual(await visit(store, "::ffff:192.0.2.1", "hi\n"), ["Hello again, anna\n", "hi\n"]);
});

test("as control messages it is the same", async () => {
  const store = users();
  const arrive = (...turns: Turn[]) =>
    say(access({ mode: "identify", login: identify({ users: store, address: "::1" }) }), hello, ...turns);
  assert.deepEqual(shortly(await arrive(answer("name", "anna"), "hi")), ["ask name", "welcome", "hi"]);
  assert.deepEqual(await arrive("hi"), [{ type: "welcome", version: 1, access: "identify", name: "anna" }, "hi"]);
});

test("one name from two addresses is one user", async () => {
  const store = users();
  await visit(store, "192.0.2.1", "anna\n");
  assert.deepEqual((await visit(store, "192.0.2.2", "ANNA\n")).at(-1), "Hello, anna\n");
  assert.deepEqual((await store.get("anna"))?.user.addresses, ["192.0.2.1", "192.0.2.2"]);
});

test("a name that has a password is nobody else's", async () => {
  const store = users();
  await store.create({ ...newUser("anna"), password: phc });
  const heard = await visit(store, "192.0.2.1", "anna\n", "bert\n");
  assert.match(heard[1] as string, /belongs to somebody who has a password/);
  assert.equal(heard[2], "Hello, bert\n");
});

test("a name that cannot be is explained, three times at most", async () => {
  const heard = await visit(users(), "192.0.2.1", "\n", "stop\n", `${"x".repeat(33)}\n`, "anna\n");
  assert.match(heard[1] as string, /it has 0 characters; expected 1 to 32/);
  assert.match(heard[2] as string, /it is a command/);
  assert.match(heard[3] as string, /^Refused: .*33 characters/);
  assert.equal(heard.length, 4);
});
