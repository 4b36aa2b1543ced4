import assert from "node:assert/strict";
import { test } from "node:test";
import { newUser, userKey, userName, withAddress } from "../../src/identity/users.ts";

test("names are normalised", () => {
  assert.equal(userName("  anna  "), "anna");
  assert.equal(userName("Zoe\u0308"), "Zo\u00eb");
  assert.equal(userName("Anna Maria 🙂"), "Anna Maria 🙂");
  assert.equal([...userName("🙂".repeat(32))].length, 32);
});

for (const name of ["", "   ", "x".repeat(33), "a\nb", "a\u0000", "a\u202eb", "a\ud800", "a\u2028b", "exit", "STOP"]) {
  test(`no name: ${JSON.stringify(name)}`, () => {
    assert.throws(() => userName(name), { code: "invalid-argument" });
  });
}

test("names are equal whatever their case or form", () => {
  assert.equal(userKey("ANNA"), userKey("anna"));
  assert.equal(userKey("Ａnna"), userKey("anna"));
  assert.notEqual(userKey("anna"), userKey("anne"));
});

test("the last 16 addresses are kept, the last one last", () => {
  let user = newUser("anna");
  for (let i = 0; i < 20; i++) user = withAddress(user, `10.0.0.${i}`);
  user = withAddress(user, "10.0.0.10");
  assert.equal(user.addresses.length, 16);
  assert.equal(user.addresses[0], "10.0.0.4");
  assert.equal(user.addresses.at(-1), "10.0.0.10");
  assert.equal(withAddress(user, "::ffff:10.0.0.10"), user);
});
