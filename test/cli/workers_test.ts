/** `--workers`, as users run it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { exchange, open, received } from "../support/sockets.ts";

/** A module that a worker runs first: the worker falls over once the file is there. */
const fallOver = (file: string) =>
  `import { isMainThread } from "node:worker_threads";
import { existsSync } from "node:fs";
if (!isMainThread) setInterval(() => { if (existsSync(${JSON.stringify(file)})) throw new Error("fell over"); }, 20);`;

describe("the server command with --workers", () => {
  test("serves one port by several threads; a signal drains them all, with one log", async () => {
    await using folder = await temporaryFolder();
    const args = ["--workers", "2", "--framing", "raw", "--log-format", "json"];
    await using server = await startServerCommand(folder.path, args);
    const bytes = randomBytes(200_000);
    const waiting = await Promise.all(Array.from({ length: 20 }, () => open(server.at)));
    const ends = waiting.map(received);
    const echoed = waiting.map((socket) => new Promise((resume) => socket.once("data", resume)));
    for (const socket of waiting) {
      socket.on("end", () => socket.end());
      socket.write("received before the end\n");
    }
    for (const back of await Promise.all(waiting.map(() => exchange(server.at, bytes)))) assert.ok(back.equals(bytes));
    await Promise.all(echoed);
    server.kill("SIGTERM");
    for (const end of ends) assert.equal(String(await end), "received before the end\n");
    assert.equal(await server.ended, 0, server.stderr);
    assert.match(server.stdout.toString(), /^listening on 127\.0\.0\.1:\d+\n$/);

    const log = (await readFile(folder.file("server.log"), "utf8")).trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    const of = (event: string) => log.filter((record) => record.event === event);
    assert.deepEqual(of("server.started").map(({ workers }) => workers), [2]);
    assert.equal(of("server.listening").length, 1);
    assert.deepEqual(of("server.stopped").map(({ connections }) => connections), [40]);
    assert.deepEqual(new Set(of("client.connected").map(({ worker }) => worker)), new Set([1, 2]));
    assert.equal(of("client.disconnected").length, 40);
    const sent = of("data.sent").reduce((sum, record) => sum + record.bytes, 0);
    assert.equal(sent, 20 * (bytes.length + "received before the end\n".length));
  });

  test("shares its port with no other server", async () => {
    await using folder = await temporaryFolder();
    const env = { ECHOPIPE_WORKERS: "2" };
    await using first = await startServerCommand(folder.path, [], { env });
    const port = ["--yes", "--log-to", "none", "--port", String(first.at)];
    const strict = new Running("server", [...port, "--strict-port"], { env });
    assert.equal(await strict.ended, 7, strict.stderr);
    const moved = new Running("server", port, { env });
    assert.notEqual(await moved.port(), first.at);
    moved.child.stdin!.write("stop\n");
    assert.equal(await moved.ended, 0);
  });

  test("auto is as many as there are cores; stop from a client ends them", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, ["--workers", "auto", "--log-format", "json"]);
    assert.equal(String(await exchange(server.at, "hello\nstop\n")), "hello\n");
    assert.equal(await server.ended, 0);
    const [first] = (await readFile(folder.file("server.log"), "utf8")).split("\n");
    assert.equal(JSON.parse(first).workers, Math.min(64, navigator.hardwareConcurrency));
  });

  // Deno has no way to run a module of the test's in a worker first.
  test("a worker that falls over ends the server", { skip: "Deno" in globalThis }, async () => {
    await using folder = await temporaryFolder();
    const word = folder.file("fall");
    const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(fallOver(word))}` };
    await using server = await startServerCommand(folder.path, ["--workers", "2"], { env });
    const socket = await open(server.at);
    socket.on("error", () => {}); // it may be the worker's
    await writeFile(word, "");
    assert.equal(await server.ended, 1);
    socket.destroy();
    assert.match(server.stderr, /^server: Worker 2 failed: fell over\n$/);
    const log = await readFile(folder.file("server.log"), "utf8");
    assert.match(
      log,
      /ERROR worker\.failed Worker 2 failed: fell over\n.* INFO server\.stopped Server stopped: Worker 2/s,
    );
  });

  const wrong: [string[], RegExp][] = [
    [["--workers", "0"], /--workers "0": expected an integer from 1 to 64, or auto/],
    [["--workers", "65"], /--workers "65"/],
    [["--workers", "all"], /--workers "all"/],
    [["--workers", "2", "--service", "chat"], /--service chat with --workers 2: one thread keeps the room/],
    [["--workers", "2", "--access", "identify"], /access "identify" with 2 workers: one thread keeps users/],
  ];
  for (const [args, said] of wrong) {
    test(`refuses ${args.join(" ")}`, async () => {
      const server = new Running("server", ["--yes", "--port", "0", "--log-to", "none", ...args]);
      assert.equal(await server.ended, 2, server.stderr);
      assert.match(server.stderr, said);
      assert.doesNotMatch(server.stderr, /\n\s+at /, "a stack trace");
    });
  }
});
