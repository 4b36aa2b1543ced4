/** Prompts: complete characters, and an end by the program's own cleanups. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import type process from "node:process";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { Keyboard } from "../../cli/keyboard.ts";
import { startServerCommand, temporaryFolder } from "../support/commands.ts";
import { inTwo, single, textOf } from "../support/cuts.ts";
import { OnTerminal, skip } from "../support/terminal.ts";

/** Reads of at most 8 bytes, as the real Cliffy makes them, of what is typed. */
async function reads(typed: readonly Uint8Array[]): Promise<string[]> {
  const input = new PassThrough();
  const keyboard = new Keyboard(input as unknown as typeof process.stdin);
  const read: string[] = [];
  const length = typed.reduce((total, { length }) => total + length, 0);
  try {
    for (const bytes of typed) input.write(bytes);
    for (let total = 0; total < length;) {
      const room = new Uint8Array(8);
      const count = await keyboard.read(room) ?? assert.fail("the keyboard ended");
      read.push(new TextDecoder("utf-8", { fatal: true }).decode(room.subarray(0, count)));
      total += count;
    }
    return read;
  } finally {
    keyboard.close();
  }
}

test("10-15: a prompt reads complete characters and keys only, however they arrive", async () => {
  const text = "abcdefgü\x1b[1;5Cabcdef𝄞é\r你好\x1b\n";
  const bytes = new TextEncoder().encode(text);
  for (const typed of [[bytes], single(bytes), ...inTwo(bytes)]) {
    const read = await reads(typed);
    assert.equal(read.join(""), text.replace("\n", "\r"));
    for (const part of read) assert.match(part, /^[^\r]*\r?$/, "nothing after an Enter");
    assert.ok(read.some((part) => part.endsWith("\x1b[1;5C")), `${typed.map(textOf)}`);
  }
});

test("10-15: keys typed ahead answer the next question, and reach what follows", { skip }, async () => {
  await using folder = await temporaryFolder();
  const server = new OnTerminal("server", ["--log-file", folder.file("s.log")]);
  await server.sees(/Address to listen on/);
  server.types("\r0\rstop\r");
  await server.sees(/listening on 127\.0\.0\.1:\d+/);
  assert.equal(await server.ended, 0);
});

test("10-15: Ctrl-C and Ctrl-D at a question run the cleanups", { skip }, async () => {
  await using folder = await temporaryFolder();
  const users = ["--access", "identify", "--users", folder.file("users.json")];
  await using server = await startServerCommand(folder.path, users);
  await writeFile(folder.file("in"), "data");
  for (const key of ["\x03", "\x04"]) {
    const log = folder.file("client.log");
    const client = new OnTerminal("client", [
      ...[folder.file("in"), "--output", folder.file("out"), "--port", String(server.at)],
      ...["--log-file", log, "--session-file", folder.file("sessions.json")],
    ]);
    await client.sees(/name/);
    client.types(key);
    assert.equal(await client.ended, 130);
    assert.deepEqual((await readdir(folder.path)).filter((name) => name.startsWith("out")), []);
    assert.match(await readFile(log, "utf8"), /INFO disconnected [^\n]*\n$/);
  }
});

test("10-16: framing, access and service are chosen, and a file is replaced only after a yes", { skip }, async () => {
  await using folder = await temporaryFolder();
  const server = new OnTerminal("server", ["--configure", "--log-file", folder.file("s.log")]);
  await server.sees(/Address to listen on \(127\.0\.0\.1\)/);
  server.types("\r");
  await server.sees(/Port \(9090\)/);
  server.types("0\r");
  await server.sees(/Framing \(auto\)/);
  server.types("\x1b[B\r"); // the second: message
  await server.sees(/Access \(open\)/);
  server.types("\r");
  await server.sees(/Service \(echo\)/);
  server.types("\r");
  await server.sees(/listening on 127\.0\.0\.1:\d+/);
  const [, port] = /listening on 127\.0\.0\.1:(\d+)/.exec(server.screen())!;
  for (const [keys, status, content] of [["\r", 1, "before"], ["y\r", 0, "after"]] as const) {
    await writeFile(folder.file("in"), "after");
    await writeFile(folder.file("out"), "before");
    const args = [folder.file("in"), "--output", folder.file("out"), "--port", port, "--log-to", "none"];
    const client = new OnTerminal("client", args);
    await client.sees(/out exists\. Replace it\? \(y\/N\)/);
    client.types(keys);
    assert.equal(await client.ended, status, client.screen());
    assert.equal(await readFile(folder.file("out"), "utf8"), content);
  }
  server.types("stop\r");
  assert.equal(await server.ended, 0);
  assert.match(await readFile(folder.file("s.log"), "utf8"), /framing message/);
});
