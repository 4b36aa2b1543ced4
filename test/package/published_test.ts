/** What is published: to npm, judged by publint and attw, within its size, on the oldest Node; to JSR just what belongs. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type InstalledPackage, installPackage, once, runFromRegistry } from "../support/package.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The packed size that docs/package.md states, in bytes. */
const MAX_PACKED = 400_000;

describe("what is published", once, () => {
  let installed: InstalledPackage;
  before(async () => void (installed = await installPackage()));
  after(() => installed?.remove());

  test("publint finds nothing", async (t) => {
    const said = await runFromRegistry(t, "publint@0.3.25", ["run", "./package", "--strict"], installed.folder);
    if (said !== undefined) assert.match(said, /All good!/);
  });

  test("attw finds nothing, for ES modules", async (t) => {
    const args = [installed.packed, "--profile", "esm-only", "--no-emoji"];
    const said = await runFromRegistry(t, "@arethetypeswrong/cli@0.18.5", args, installed.folder);
    if (said !== undefined) assert.match(said, /"echopipe\/server"/);
  });

  test("it is no larger than docs/package.md says", () => {
    assert.ok(installed.size <= MAX_PACKED, `${installed.size} bytes`);
    const page = readFileSync(new URL("../../docs/package.md", import.meta.url), "utf8");
    assert.match(page, new RegExp(`less than ${MAX_PACKED / 1000} kB`));
  });

  test("Node 22.18, the oldest that it runs on, takes every export by require()", async (t) => {
    const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
    const names = Object.keys(exports).map((name) => `echopipe${name.slice(1)}`);
    const check = `for (const name of ${JSON.stringify(names)}) require(name);
console.log(process.version, typeof require("echopipe").serve);`;
    await installed.write("every.cjs", check);
    const said = await runFromRegistry(t, "node@22.18", ["every.cjs"], installed.folder);
    if (said !== undefined) assert.match(said, /^v22\.18\.\d+ function\n/);
  });

  test("JSR is given src, the licence, README.md and deno.json", () => {
    const args = ["publish", "--dry-run", "--allow-dirty", "--no-check"];
    const { status, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
      timeout: 120_000,
    });
    assert.equal(status, 0, stderr);
    const given = Array.from(stderr.matchAll(/^ +(file:\S+) \(/gm), ([, url]) => fileURLToPath(url).slice(root.length));
    const sources = readdirSync(new URL("../../src", import.meta.url), { recursive: true, encoding: "utf8" });
    const expected = sources.filter((name) => name.endsWith(".ts")).map((name) => `src/${name}`);
    assert.deepEqual(given.toSorted(), [...expected, "LICENSE", "README.md", "deno.json"].toSorted());
  });
});
