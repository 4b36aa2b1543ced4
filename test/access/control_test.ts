import assert from "node:assert/strict";
import { test } from "node:test";
import { type Control, controlChunk, parseControl } from "../../src/access/control.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => parseControl(bytes(text));

const every: Control[] = [
  { type: "hello", version: 1 },
  { type: "hello", version: 1, token: "abc" },
  { type: "answer", field: "name", value: "Ünïcödé 🙂" },
  { type: "logout" },
  { type: "welcome", version: 1, access: "open" },
  { type: "welcome", version: 1, access: "password", name: "anna", token: "t", expires: "2026-11-20T12:00:00.000Z" },
  { type: "ask", field: "new-password", text: "Choose" },
  { type: "refused", code: "throttled", text: "Later", retry_after_s: 3 },
  { type: "bye", reason: "stop", text: "Goodbye" },
];
for (const control of every) {
  test(`a message comes back as it was: ${JSON.stringify(control)}`, () => {
    assert.deepEqual(parseControl(controlChunk(control).bytes), control);
  });
}

test("unknown types are ignored, whatever else they have", () => {
  assert.equal(parse(`{"type":"dance","version":"x"}`), undefined);
  assert.equal(parse(`{"type":"__proto__"}`), undefined);
  assert.equal(parse(`{"type":"toString"}`), undefined);
});

test("unknown members are left out, also those of every object", () => {
  assert.deepEqual(parse(`{"type":"logout","constructor":1,"__proto__":{"version":2}}`), { type: "logout" });
});

const malformed: Record<string, string | Uint8Array> = {
  "nothing": "",
  "not JSON": "{type:hello}",
  "a number": "1",
  "null": "null",
  "a list": "[]",
  "no type": "{}",
  "a type that is no string": `{"type":1}`,
  "a type from its prototype": `{"__proto__":{"type":"logout"}}`,
  "hello without a version": `{"type":"hello"}`,
  "hello with half a version": `{"type":"hello","version":1.5}`,
  "hello with a token that is no string": `{"type":"hello","version":1,"token":null}`,
  "answer without a value": `{"type":"answer","field":"name"}`,
  "answer with half a character": `{"type":"answer","field":"name","value":"\\ud800"}`,
  "ask for something else": `{"type":"ask","field":"money","text":"?"}`,
  "welcome that ends at no time": `{"type":"welcome","version":1,"access":"open","expires":"soon"}`,
  "refused until minus one": `{"type":"refused","code":"x","text":"x","retry_after_s":-1}`,
  "two objects": `{"type":"logout"}{"type":"logout"}`,
  "a byte order mark": `\ufeff{"type":"logout"}`,
  "not UTF-8": Uint8Array.of(0x7b, 0xff, 0x7d),
  "longer than 4 KiB": `{"type":"logout","x":"${"x".repeat(4096)}"}`,
};
for (const [name, input] of Object.entries(malformed)) {
  test(`a protocol error: ${name}`, () => {
    assert.throws(() => parseControl(typeof input === "string" ? bytes(input) : input), { code: "protocol" });
  });
}

test("nesting is harmless", () => {
  const depth = 2000;
  const deep = `{"type":"logout","x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
  assert.deepEqual(parse(deep), { type: "logout" });
});

test("an error never repeats what was received: it may be a password", () => {
  const broken = `{"type":"answer","field":"password","value":"hunter2`;
  assert.throws(() => parse(broken), (error: Error) => {
    for (let at: unknown = error; at instanceof Error; at = at.cause) assert.ok(!at.message.includes("hunter2"));
    return true;
  });
});

test("what is longer than 4 KiB is not sent", () => {
  const long: Control = { type: "answer", field: "name", value: "x".repeat(4096) };
  assert.throws(() => controlChunk(long), { code: "too-large", limit: 4096 });
});
