/** Servers with faults on purpose, and bulk echo, which has to notice each. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { connect } from "echopipe";
import { startServer } from "echopipe/server";
import { bulkEcho } from "../../src/client/bulk.ts";
import { ScriptedSink, ScriptedSource } from "echopipe/testing";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { KeptLog } from "../support/kept_log.ts";

const blocks = Array.from({ length: 20 }, () => randomBytes(20_000));

async function echoWith(faults: string, framing: "message" | "raw", log = new KeptLog()) {
  await using server = await startServer({ port: 0, framing, faults }, log);
  await using connection = await connect({ port: server.address.port });
  return await bulkEcho(connection, new ScriptedSource(blocks), new ScriptedSink(), { framing, timeoutMs: 1000 });
}

for (const framing of ["message", "raw"] as const) {
  test(`${framing}: late, slow and sliced, all comes back`, async () => {
    const result = await echoWith("latency=20ms±5ms,throttle=4MiB/s,slice=1000", framing);
    assert.deepEqual([result.matched, result.received], [true, 400_000]);
  });

  test(`${framing}: corrupt, cut and reset are noticed`, async () => {
    // An end before the first word is told as that of a server that is full, where messages are spoken.
    const atOnce = framing === "raw" ? ["cut=0"] : [];
    for (const fault of ["corrupt=0.001", "cut=100KiB", "reset=100KiB", ...atOnce]) {
      const { matched } = await echoWith(fault, framing);
      assert.equal(matched, false, fault);
    }
  });

  test(`${framing}: a stall is timed out`, async () => {
    await assert.rejects(echoWith("stall=100KiB", framing), { code: "timed-out" });
  });
}

test("the log blames the fault, not the client, and the reset arrives as one", async () => {
  const log = new KeptLog();
  const { failure } = await echoWith("reset=100KiB", "raw", log);
  assert.equal((failure as { code?: string }).code, "reset");
  assert.deepEqual(log.values("client.disconnected", "reason"), ["reset on purpose"]);
  assert.deepEqual(log.records.filter(({ level }) => level !== "info"), []);
});

test("the commands: exit status 6, or 4 for a stall; faults in the environment; wrong ones are explained", async () => {
  await using folder = await temporaryFolder();
  const file = folder.file("data");
  await writeFile(file, randomBytes(300_000));
  const client = async (port: number, ...more: string[]) => {
    const running = new Running("client", [
      ...["--port", String(port), "--yes", "--no-session", "--log-file", folder.file("c.log"), ...more, file],
    ]);
    return [await running.ended, running.stderr];
  };
  for (const [fault, status] of [["corrupt=0.0001", 6], ["reset=100KiB", 6], ["cut=1KiB,slice=100", 6]] as const) {
    await using server = await startServerCommand(folder.path, ["--fault", fault]);
    const [ended, said] = await client(server.at);
    assert.equal(ended, status, String(said));
  }
  await using server = await startServerCommand(folder.path, [], {
    env: { ECHOPIPE_FAULT: "slice=1000,stall=100KiB" },
  });
  assert.equal((await client(server.at, "--timeout", "1"))[0], 4);
  const wrong = new Running("server", ["--yes", "--fault", "slice=3", "--fault", "latency=fast"]);
  assert.equal(await wrong.ended, 2);
  assert.match(
    wrong.stderr,
    /Cannot use --fault "latency=fast": expected a delay up to 1 h .* such as 50ms or 50ms±10ms/,
  );
});
