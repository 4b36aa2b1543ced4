import assert from "node:assert/strict";
import { test } from "node:test";
import { identify } from "../../src/access/identify.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { newUser } from "../../src/identity/users.ts";

test("10-5: connections of one address that are asked at once register one name, and all are greeted by it", async () => {
  const users = new MemoryUserStore();
  const logins = Array.from({ length: 10 }, () => identify({ users, address: "192.0.2.7" }));
  for (const login of logins) assert.equal((await login.begin()).type, "ask");
  const steps = await Promise.all(logins.map((login, i) => login.answer(`user ${i}`)));
  const names = new Set(steps.map((step) => step.type === "welcome" && step.name));
  assert.equal(names.size, 1);
  assert.deepEqual((await users.list()).map(({ user }) => user.name), [...names]);
});

test("10-5: a full store is said as such", async () => {
  const users = new MemoryUserStore(1);
  await users.create(newUser("anna"));
  const login = identify({ users, address: "192.0.2.7" });
  await login.begin();
  assert.deepEqual(await login.answer("bert"), {
    type: "refused",
    code: "closed",
    text: "No more users can be registered here",
  });
});
