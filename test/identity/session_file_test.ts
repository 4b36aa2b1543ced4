import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { SessionFile } from "../../src/identity/session_file.ts";

let folder: string;
let files = 0;
const path = () => join(folder, `sessions-${++files}.json`);
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "echopipe-sessions-"));
});
after(() => rm(folder, { recursive: true }));

const future = new Date(Date.now() + 3_600_000).toISOString();
const anna = { name: "anna", token: "secret-token", expires: future };

test("sessions are kept by server, for their owner's eyes", async () => {
  const file = path();
  const sessions = new SessionFile(file);
  assert.equal(await sessions.get("127.0.0.1:9090"), undefined);
  await sessions.set("127.0.0.1:9090", anna);
  await sessions.set("[::1]:9090", { name: "bert", token: "x" });
  assert.deepEqual(await new SessionFile(file).get("127.0.0.1:9090"), anna);
  assert.deepEqual(await sessions.get("[::1]:9090"), { name: "bert", token: "x" });
  assert.equal(await sessions.get("127.0.0.1:9091"), undefined);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test("a session is not used for another name", async () => {
  const sessions = new SessionFile(path());
  await sessions.set("here", anna);
  assert.deepEqual(await sessions.get("here", "ANNA"), anna);
  assert.equal(await sessions.get("here", "bert"), undefined);
});

test("what has expired is not used, and goes with the next write", async () => {
  const file = path();
  const sessions = new SessionFile(file);
  await sessions.set("old", { ...anna, expires: "2126-11-20T12:00:00.000Z" });
  await writeFile(file, (await readFile(file, "utf8")).replace("2126", "2016"));
  assert.equal(await sessions.get("old"), undefined);
  await sessions.set("new", anna);
  assert.deepEqual(Object.keys(JSON.parse(await readFile(file, "utf8")).sessions), ["new"]);
});

test("a session can be forgotten", async () => {
  const sessions = new SessionFile(path());
  await sessions.set("here", anna);
  await sessions.set("here", undefined);
  assert.equal(await sessions.get("here"), undefined);
});

test("clients that log in at once lose none", async () => {
  const file = path();
  const servers = Array.from({ length: 12 }, (_, i) => `server ${i}`);
  await Promise.all(servers.map((server) => new SessionFile(file).set(server, anna)));
  for (const server of servers) assert.deepEqual(await new SessionFile(file).get(server), anna);
});

for (
  const text of [
    "",
    "{",
    "null",
    `{"format":"other"}`,
    `{"format":"echopipe-sessions","version":2,"sessions":{}}`,
    `{"format":"echopipe-sessions","version":1,"sessions":{"here":{"name":"anna"}}}`,
    `{"format":"echopipe-sessions","version":1,"sessions":{"here":{"name":"anna","token":"secret-token","expires":"soon"}}}`,
  ]
) {
  test(`a damaged file is left as it is: ${text.slice(0, 60)}`, async () => {
    const file = path();
    await writeFile(file, text);
    const damaged = (error: { code?: string; message?: string }) => {
      assert.equal(error.code, "damaged");
      assert.ok(!error.message!.includes("secret-token"));
      return true;
    };
    await assert.rejects(new SessionFile(file).get("here"), damaged);
    await assert.rejects(new SessionFile(file).set("here", anna), damaged);
    assert.equal(await readFile(file, "utf8"), text);
  });
}
