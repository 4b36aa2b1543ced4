/** The client's side of a login, over a connection that reports late. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Chunk, Output } from "echopipe";
import { Greeting } from "../../src/client/greeting.ts";
import { type Control, controlChunk } from "../../src/access/control.ts";
import type { Connection } from "../../src/transport/connection.ts";
import { textOf } from "../support/cuts.ts";

test("what is refused to a client that was admitted is told, and nothing in it steers a terminal", async () => {
  const told: string[] = [];
  const greeting = new Greeting(true, { refused: (text) => told.push(text), farewell: (text) => told.push(text) });
  const out: Output<Chunk> = { push() {}, flush() {}, end() {}, fail() {}, keep() {} };
  const hear = (control: Control) => greeting.push(controlChunk(control), out);
  await hear({ type: "welcome", version: 1, access: "open" });
  await hear({ type: "refused", code: "stop", text: "not for\n\u001b[31myou" });
  await hear({ type: "bye", reason: "stop", text: "Good\u0007bye" } as Control);
  assert.deepEqual(told, ["not for␊␛[31myou", "Good␇bye"]);
});

test("a server that asks before the hello is known to be sent: one write at a time, and the client is admitted", async () => {
  const written: string[] = [];
  const taken: (() => void)[] = [];
  const connection = {
    write(bytes: Uint8Array) {
      written.push(textOf(bytes.slice(4)));
      return new Promise<void>((resolve) => taken.push(resolve));
    },
  } as unknown as Connection;
  const greeting = new Greeting(true, { answer: () => Promise.resolve("anna") });
  const out: Output<Chunk> = { push() {}, flush() {}, end() {}, fail() {}, keep() {} };
  const hear = (control: Control) => greeting.push(controlChunk(control), out);

  const admitted = greeting.greet(connection);
  await nextTurn();
  const heard = hear({ type: "ask", field: "name", text: "Who are you?" });
  await nextTurn();
  assert.equal(written.length, 1, "the answer does not overtake the hello");
  taken.shift()!();
  await nextTurn();
  assert.match(written[1], /"anna"/);
  taken.shift()!();
  await heard;
  await hear({ type: "welcome", version: 1, access: "identify", name: "anna" });
  await admitted;
});
