/** Discard, chargen and daytime. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { chargen, Chunk, daytime, discard, message, MessageSocket, speak } from "echopipe";
import { startServer } from "echopipe/server";
import { characterLines } from "../../src/handlers/chargen.ts";
import { daytimeText } from "../../src/handlers/daytime.ts";
import { within } from "../support/deadline.ts";
import { exchange, messageBytes, open, received } from "../support/sockets.ts";

const serverOf = (service: "discard" | "chargen" | "daytime", framing: "auto" | "raw" | "line" | "message" = "auto") =>
  startServer({ port: 0, service, framing });

test("the lines of RFC 864: 95 of 72 printing characters, each one further in the ring", () => {
  const lines = Buffer.from(characterLines()).toString("latin1").split("\r\n");
  assert.equal(lines.pop(), "");
  assert.equal(lines.length, 95);
  lines.forEach((line, i) => {
    assert.match(line, /^[ -~]{72}$/);
    assert.equal(line.slice(1), lines[(i + 1) % 95].slice(0, 71));
  });
  assert.equal(lines[0].at(-1), "g");
});

test("a time in words, in UTC", () => {
  assert.equal(daytimeText(new Date(Date.UTC(1982, 1, 22, 17, 37, 3))), "Monday, February 22, 1982 17:37:03-UTC");
});

for (const framing of ["raw", "line", "message", "auto"] as const) {
  test(`discard, ${framing}: nothing comes back but the end, whatever was sent`, async () => {
    await using server = await serverOf("discard", framing);
    assert.equal((await exchange(server.address.port, messageBytes(Buffer.alloc(300_000, "x")))).length, 0);
  });

  test(`daytime, ${framing}: one time, then the end, also to a client that says nothing`, async () => {
    await using server = await serverOf("daytime", framing);
    const socket = await open(server.address.port);
    const said = (await received(socket)).toString();
    socket.destroy();
    assert.match(
      said,
      framing === "message" ? /^\0\0\0.\w+day, .*-UTC$/s : /^\w+day, \w+ \d+, \d{4} [\d:]{8}-UTC\r\n$/,
    );
  });

  test(`chargen, ${framing}: until the client ends, and at least one round`, async () => {
    await using server = await serverOf("chargen", framing);
    const said = await exchange(server.address.port, framing === "message" ? messageBytes("hello") : "hello\n");
    if (framing !== "message") assert.deepEqual(said.subarray(0, 7030), Buffer.from(characterLines()));
    else {assert.equal(
        said.subarray(0, 76).toString("latin1"),
        `\0\0\0H${Buffer.from(characterLines().subarray(0, 72))}`,
      );}
  });
}

test("auto: who speaks messages is answered in messages", async () => {
  await using server = await serverOf("daytime");
  await using client = await MessageSocket.connect({ port: server.address.port });
  await client.send("what time is it?");
  assert.match(String(await client.receive()), /-UTC$/);
  assert.equal(await client.receive(), undefined);
});

test("exit and stop are commands in lines, and the stop of a stranger is answered among the characters", async () => {
  await using server = await startServer({ port: 0, service: "chargen", allowStop: "none" });
  const socket = await open(server.address.port);
  const back = received(socket);
  socket.write("stop\nexit\n");
  assert.match((await back).toString(), /stop refused/);
  socket.destroy();
});

test("chargen to a client that does not read stops writing; a stop of the server ends it", async () => {
  const server = await startServer({ port: 0, service: "chargen", framing: "raw" });
  const records: number[] = [];
  const socket = await open(server.address.port);
  socket.pause();
  let before = -1;
  const memory = () => process.memoryUsage().arrayBuffers;
  await within(() => {
    const now = memory();
    const flat = now === before;
    before = now;
    records.push(now);
    return flat;
  }, "memory that does not grow");
  assert.ok(memory() < 100e6);
  const stopped = server.stop();
  socket.on("error", () => {}).resume();
  await stopped;
  socket.destroy();
});

test("under a login it speaks once the client is admitted, and never to one that is not", async () => {
  const admitted = Promise.withResolvers<string>();
  const stage = daytime({ after: admitted.promise });
  const said = Array.fromAsync(stage.readable, (chunk) => chunk.toText());
  const writer = stage.writable.getWriter();
  await writer.write(Chunk.text("hello"));
  admitted.resolve("ada");
  assert.match((await said).join(""), /^\w+day.*\r\n$/);
  const refused = chargen({ after: Promise.reject(new Error("no")) });
  assert.deepEqual(await Array.fromAsync(refused.readable), []);
  assert.deepEqual(await Array.fromAsync(chargen({ after: new Promise(() => {}) }).over([])), []);
});

test("what earlier stages say to the client passes: a welcome, a refusal", async () => {
  const welcome = new Chunk(new Uint8Array(2), 0, 2, "control", true, true, 2);
  assert.deepEqual(await Array.fromAsync(discard<Chunk>().over([Chunk.text("x"), welcome])), [welcome]);
  const said = await Array.fromAsync(speak(() => [[Chunk.text("hi")]], { waitMs: 60_000 }).over([welcome]));
  assert.deepEqual(said.map(({ kind }) => kind), ["control", "text"]);
});

test("a consumer that leaves ends an endless speech", async () => {
  const { encoder } = message();
  for await (const bytes of encoder.over(chargen().over([]))) {
    assert.ok(bytes.length > 0);
    break;
  }
});

test("named services are served by several workers, functions are refused; a name that is none is explained", async () => {
  await assert.rejects(
    startServer({ port: 0, service: "finger" as "echo" }),
    /expected echo, discard, chargen, daytime/,
  );
  await assert.rejects(startServer({ port: 0, workers: 2, service: () => discard() }), { code: "invalid-argument" });
  await using server = await startServer({ port: 0, workers: 2, service: "daytime", framing: "raw" });
  for (let i = 0; i < 8; i++) assert.match(String(await exchange(server.address.port, "")), /-UTC\r\n$/);
});
