import assert from "node:assert/strict";
import { test } from "node:test";
import { Script } from "../../src/probe/script.ts";

function messages(script: Script): Buffer[] {
  return Array.from(script.ends, (end, i) => script.bytes.subarray(script.startOf(i), end));
}

test("raw: messages of the sizes asked for, none like another", () => {
  const all = messages(new Script("raw", { min: 64, max: 1024 }));
  assert.ok(all.every(({ length }) => length >= 64 && length <= 1024));
  assert.ok(new Set(all.map(({ length }) => length)).size > 100, "sizes are drawn from the range");
  assert.equal(new Set(all.map((message) => message.toString("latin1"))).size, all.length);
  assert.ok(all.length >= 64);
});

test("raw: nothing that an echo server of lines or messages could take for something else", () => {
  const { bytes } = new Script("raw", { min: 4, max: 4 });
  for (const byte of [0x00, 0x80, 0x0a, 0x0d]) assert.equal(bytes.indexOf(byte), -1);
  assert.equal(new Set(bytes).size, 252, "all other bytes are there");
});

test("line: each message ends with its only line feed; never a command", () => {
  const all = messages(new Script("line", { min: 4, max: 4 }));
  assert.ok(all.every((message) => message.length === 5 && message.indexOf(10) === 4));
  assert.ok(all.every((message) => !/exit|stop/.test(message.toString())));
});

test("message: a header of kind text with the length, then text", () => {
  for (const message of messages(new Script("message", { min: 1, max: 300 }))) {
    assert.equal(message.readUInt32BE(0), message.length - 4);
    assert.match(message.subarray(4).toString(), /^[A-Z0-9._:-]+$/);
  }
});

test("large messages: at least two, of bounded memory in all", () => {
  const script = new Script("raw", { min: 9_000_000, max: 9_000_000 });
  assert.equal(script.ends.length, 2);
});

test("the same seed draws the same bytes, another others", () => {
  const sizes = { min: 10, max: 20 };
  assert.ok(new Script("raw", sizes, 7).bytes.equals(new Script("raw", sizes, 7).bytes));
  assert.ok(!new Script("raw", sizes, 7).bytes.equals(new Script("raw", sizes, 8).bytes));
});
