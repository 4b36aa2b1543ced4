/** examples/pipe_to_file.ts: whole files, and none that was cut short. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "echopipe";
import { type Received, serveFiles } from "../../examples/pipe_to_file.ts";
import { within } from "../support/deadline.ts";
import { missing, run } from "../support/programs.ts";
import { exchange } from "../support/sockets.ts";

/** A folder for one test. */
async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "echopipe-files-"));
  try {
    await test(join(folder, "received"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const answer = (bytes: Uint8Array) =>
  `${bytes.length} bytes, SHA-256 ${createHash("sha256").update(bytes).digest("hex")}\n`;

test("files at the same time, each whole", () =>
  withFolder(async (folder) => {
    const received: Received[] = [];
    await using server = await serveFiles(0, folder, { report: (file) => received.push(file) });
    const files = [0, 1, 5_000_000, 1000].map((size) => randomBytes(size));
    const answers = await Promise.all(files.map((bytes) => exchange(server.address.port, bytes)));
    assert.deepEqual(answers.map(String), files.map(answer));
    for (const bytes of files) {
      const { path } = received.find(({ size }) => size === bytes.length)!;
      assert.ok(bytes.equals(await readFile(path)));
      assert.equal((await stat(path)).mode & 0o077, 0);
    }
  }));

test("one that is cut short, or too long, leaves nothing and is not answered", () =>
  withFolder(async (folder) => {
    await using server = await serveFiles(0, folder, { maxSize: 100_000 });
    const cut = await connect({ port: server.address.port });
    await cut.write(new Uint8Array(50_000));
    cut.reset();
    await using long = await connect({ port: server.address.port });
    await assert.rejects(async () => {
      await long.write(new Uint8Array(100_001));
      await long.endWrite();
      while (await long.read() !== null);
    }, { code: /^(reset|closed)$/ });
    let left = [""];
    const look = async () => {
      while (left.length > 0) {
        left = await readdir(folder);
        await new Promise((resume) => setTimeout(resume, 10));
      }
    };
    void look().catch(() => {});
    await within(() => left.length === 0, "nothing is left in the folder");
  }));

test("socat", { skip: missing("socat", "socat") }, () =>
  withFolder(async (folder) => {
    await using server = await serveFiles(0, folder);
    const bytes = randomBytes(300_000);
    const told = await run("socat", ["-t", 20, "-", `TCP:127.0.0.1:${server.address.port}`], bytes);
    assert.equal(told, answer(bytes));
  }));
