import assert from "node:assert/strict";
import { test } from "node:test";
import { authenticate, type AuthenticateOptions } from "../../src/access/authenticate.ts";
import type { Step } from "../../src/access/steps.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { Passwords } from "../../src/identity/passwords.ts";
import { Sessions } from "../../src/identity/sessions.ts";
import { Throttle } from "../../src/identity/throttle.ts";

const secret = "a long walk home";

function server(throttle = new Throttle()) {
  return {
    users: new MemoryUserStore(),
    passwords: new Passwords({ memory: 64, passes: 1, queue: 32 }),
    sessions: new Sessions(),
    throttle,
  };
}

async function visit(options: Omit<AuthenticateOptions, "address">, address: string, name: string): Promise<Step> {
  const login = authenticate({ ...options, address });
  await login.begin();
  await login.answer(name);
  return await login.answer(secret);
}

const outcome = (step: Step) => step.type === "refused" ? step.code : step.type;
const flood = (options: Omit<AuthenticateOptions, "address">, count: number) =>
  Array.from({ length: count }, (_, i) => visit(options, "198.51.100.1", `user ${i}`));

test("10-19: beside 320 registrations of one address a known user logs in from her known address, and before them", async () => {
  const at = server();
  await using _passwords = at.passwords;
  await visit(at, "192.0.2.7", "anna");
  let registered = 0;
  const others = flood(at, 320);
  for (const other of others) void other.then(({ type }) => registered += type === "welcome" ? 1 : 0);
  const anna = visit(at, "192.0.2.7", "anna");
  const elsewhere = visit(at, "203.0.113.9", "anna");
  assert.equal(outcome(await anna), "welcome");
  assert.ok(registered < 10, `${registered} others were served before her`);
  assert.equal(outcome(await elsewhere), "welcome", "an address that nobody knows has its turn, too");
  const outcomes = (await Promise.all(others)).map(outcome);
  assert.ok(outcomes.includes("welcome") && outcomes.includes("busy"));
});

test("10-19: one address registers only so many names, then one a minute", async () => {
  let now = 0;
  const at = server(new Throttle({ registrationFree: 5, now: () => now }));
  await using _passwords = at.passwords;
  const outcomes = (await Promise.all(flood(at, 20))).map(outcome);
  assert.deepEqual(outcomes.filter((code) => code === "welcome").length, 5);
  assert.deepEqual(outcomes.filter((code) => code === "throttled").length, 15);
  assert.equal((await at.users.list()).length, 5);
  assert.equal(outcome(await visit(at, "198.51.100.2", "bert")), "welcome", "other addresses register");
  assert.equal(outcome(await visit(at, "198.51.100.1", "user 0")), "welcome", "who is registered logs in");

  now += 59_000;
  const refused = await visit(at, "198.51.100.1", "cleo");
  assert.deepEqual(refused.type === "refused" && refused.retryAfter, 1);
  now += 1000;
  assert.equal(outcome(await visit(at, "198.51.100.1", "cleo")), "welcome");
  assert.equal(outcome(await visit(at, "198.51.100.1", "dora")), "throttled");
});
