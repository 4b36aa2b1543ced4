/** Text of a server on the client's terminal. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Control, controlChunk } from "../../src/access/control.ts";
import { Greeting } from "../../src/client/greeting.ts";

test("10-6: the name in a welcome cannot steer a terminal", async () => {
  const names: (string | undefined)[] = [];
  const greeting = new Greeting(true, { welcomed: ({ name }) => void names.push(name) });
  const welcome: Control = { type: "welcome", version: 1, access: "identify", name: "an\u001b[31mna\n" };
  await greeting.push(controlChunk(welcome), { push() {}, flush() {}, end() {}, fail() {}, keep() {} });
  assert.deepEqual(names, ["an\u241b[31mna\u240a"]);
});
