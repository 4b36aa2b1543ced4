import assert from "node:assert/strict";
import { test } from "node:test";
import { newUser, plainAddress, userKey, userName, withAddress } from "../../src/identity/users.ts";
import { jsonFaultLine } from "../../src/identity/json_fault.ts";

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

test("addresses have one spelling", () => {
  assert.equal(plainAddress("::FFFF:192.0.2.1"), "192.0.2.1");
  assert.equal(plainAddress("FE80::1%eth0"), "fe80::1");
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

const faults: [string, number][] = [
  ['{"a": 1,\n"b": }', 2],
  ['{"a": 1\n"b": 2}', 2],
  ["[1,\n2,\n]", 3],
  ['{"a":\n{"b": [1, 2}}', 2],
  ['{"a": 1,\n', 1],
  ['{"a": 1}\n\n{"b": 2}', 3],
  ['{\n"a": "x\ny"}', 2],
  ["[1, 01]", 1],
  ["}", 1],
];
for (const [text, line] of faults) {
  test(`not JSON in line ${line}: ${JSON.stringify(text)}`, () => {
    assert.throws(() => JSON.parse(text));
    assert.equal(jsonFaultLine(text), line);
  });
}
