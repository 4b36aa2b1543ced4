import assert from "node:assert/strict";
import { test } from "node:test";
import { newUser, withAddress } from "../../src/identity/users.ts";

test("the last 16 addresses are kept, the last one last", () => {
  let user = newUser("anna");
  for (let i = 0; i < 20; i++) user = withAddress(user, `10.0.0.${i}`);
  user = withAddress(user, "10.0.0.10");
  assert.equal(user.addresses.length, 16);
  assert.equal(user.addresses[0], "10.0.0.4");
  assert.equal(user.addresses.at(-1), "10.0.0.10");
  assert.equal(withAddress(user, "::ffff:10.0.0.10"), user);
});
