import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { printable, printableJson } from "../src/printable.ts";

// deno-lint-ignore no-control-regex -- control characters are what must not be there
const harmful = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

test("nothing that could control a terminal or begin a line is left in a text", () => {
  assert.equal(printable("a\x1b]0;title\x07\x9b31m\u202e\u2028\tb\x7f"), "a␛]0;title␇\ufffd31m\ufffd\ufffd b␡");
  assert.equal(printable("José 王 🙂"), "José 王 🙂");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.doesNotMatch(printable(text), harmful);
    assert.ok(printable(text).isWellFormed());
  }));
});

test("nor in JSON, which keeps its value", () => {
  assert.equal(printableJson({ a: "\u202e\x9b\n" }), '{"a":"\\u202e\\u009b\\n"}');
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.doesNotMatch(printableJson({ text }), harmful);
    assert.deepEqual(JSON.parse(printableJson({ text })), { text });
  }));
});
