import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf, Sessions } from "../../src/identity/sessions.ts";
import { newUser } from "../../src/identity/users.ts";

const anna = newUser("anna");

/** Sessions on a clock that is set by hand. */
function clocked() {
  const clock = { now: 1_000_000_000_000 };
  return { clock, sessions: new Sessions({ idle: 100_000, absolute: 300_000, now: () => clock.now }) };
}

test("a token is 256 bits, and only its digest is kept", () => {
  const { sessions } = clocked();
  const { token, user } = sessions.begin(anna);
  assert.equal(atob(token.replaceAll("-", "+").replaceAll("_", "/")).length, 32);
  assert.equal(user.sessions[0].digest, digestOf(token));
  assert.ok(!JSON.stringify(user).includes(token));
  assert.notEqual(sessions.begin(anna).token, token);
});

test("a session goes on while it is used, but not forever", () => {
  const { clock, sessions } = clocked();
  let { user, token } = sessions.begin(anna);
  for (let uses = 0; uses < 3; uses++) {
    clock.now += 90_000;
    user = sessions.resume(user, token)!.user;
  }
  assert.equal(sessions.resume(user, token)?.expires.getTime(), 1_000_000_300_000);
  clock.now += 90_000;
  assert.equal(sessions.resume(user, token), undefined);
});

test("unused, it ends", () => {
  const { clock, sessions } = clocked();
  const { user, token, expires } = sessions.begin(anna);
  assert.equal(expires.getTime() - clock.now, 100_000);
  clock.now += 99_999;
  assert.ok(sessions.resume(user, token));
  clock.now += 1;
  assert.equal(sessions.resume(user, token), undefined);
});

test("a use just after another changes nothing that would have to be written", () => {
  const { clock, sessions } = clocked();
  const { user, token } = sessions.begin(anna);
  clock.now += 1000;
  assert.equal(sessions.resume(user, token)?.user, user);
});

test("the wrong token is none", () => {
  const { sessions } = clocked();
  const { user } = sessions.begin(anna);
  assert.equal(sessions.resume(user, sessions.begin(anna).token), undefined);
  assert.equal(sessions.resume(user, ""), undefined);
});

test("one ends, the others do not", () => {
  const { sessions } = clocked();
  const one = sessions.begin(anna);
  const two = sessions.begin(one.user);
  const left = sessions.end(two.user, one.token);
  assert.equal(sessions.resume(left, one.token), undefined);
  assert.ok(sessions.resume(left, two.token));
});

test("a user has 16 sessions at most: the oldest end, and so do the expired", () => {
  const { clock, sessions } = clocked();
  const first = sessions.begin(anna);
  let { user } = first;
  for (let more = 0; more < 16; more++) ({ user } = sessions.begin(user));
  assert.equal(user.sessions.length, 16);
  assert.equal(sessions.resume(user, first.token), undefined);
  clock.now += 200_000;
  assert.equal(sessions.begin(user).user.sessions.length, 1);
});
