import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { FileUserStore } from "../../src/identity/file_store.ts";

/** A few here; `deno task test:kill` does 1,000. */
const rounds = Number(process.env.ECHOPIPE_KILL_ROUNDS ?? 6);
/** After so many users a new file is begun: the old one has become slow to write. */
const USERS_A_FILE = 300;

const program = fileURLToPath(new URL("./support/register.ts", import.meta.url));
const runtime = "Deno" in globalThis ? ["run", "-A", "--quiet", program] : [program];

/** Runs the program on the file and kills it a random moment after it said that; the names it said were registered. */
async function killedRound(path: string, round: string, after: string): Promise<string[]> {
  const child = spawn(process.execPath, [...runtime, path, round], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const begun = new Promise<void>((resume) => {
    child.stdout.on("data", (bytes: Uint8Array) => {
      said += bytes;
      if (said.includes(after)) resume();
    });
    child.on("close", () => resume());
  });
  const ended = new Promise((resume) => child.on("close", (code, signal) => resume(signal ?? code)));
  await begun;
  await new Promise((resume) => setTimeout(resume, Math.random() * 250));
  process.kill(child.pid!, "SIGKILL");
  assert.ok([137, "SIGKILL"].includes(await ended as string | number), `it ended by itself: ${said}`);
  const names = said.split("\n").slice(1);
  names.pop(); // after the last line feed: nothing, or half a name
  return names;
}

test(`kill -9 while users register, ${rounds} times: the file parses, and whoever was told so is in it`, async () => {
  const folder = await mkdtemp(join(tmpdir(), "echopipe-kill-"));
  let file = 0;
  let registered: string[] = [];
  let all = 0;
  try {
    for (let round = 1; round <= rounds; round++) {
      const path = join(folder, `users-${file}.json`);
      // Two programs on one file, as two servers may be.
      const names = (await Promise.all([
        killedRound(path, `${round}a`, "ready"),
        killedRound(path, `${round}b`, "user"),
      ])).flat();
      registered.push(...names);
      all += names.length;
      await using store = await FileUserStore.open(path);
      const found = new Set((await store.list()).map(({ user }) => user.name));
      assert.deepEqual(registered.filter((name) => !found.has(name)), []);
      if (found.size > 0) assert.equal((await stat(path)).mode & 0o777, 0o600);
      if (registered.length > USERS_A_FILE) {
        file++;
        registered = [];
      }
    }
    if (rounds > 100) console.log(`${rounds} kills, ${all} acknowledged registrations, none lost`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
