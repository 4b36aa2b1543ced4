/** What needs no socket, in a bundle: in a browser, Bun and workerd; and the sizes of the bundles. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { type InstalledPackage, installPackage, once, runFromRegistry } from "../support/package.ts";

const run = promisify(execFile);

const ESBUILD = "esbuild@0.28.2";
const BUN = "bun@1.4.5";
const WORKERD = "workerd@1.20261117.1";

/** Limits of the bundles, compressed, in bytes: what docs/package.md states. */
const limits: readonly [subpath: string, bytes: number][] = [["stage", 5000], ["framing", 20_000], ["faults", 8000]];

/** Stages over an iterable and over a stream. */
const work = `
import { pipeline, stage } from "echopipe/stage";
import { frames, lines } from "echopipe/framing";
import { count } from "echopipe/observers";
import { slice } from "echopipe/faults";

const bytes = new TextEncoder().encode("one\\ntwo\\n");

export async function work() {
  const upper = stage((text, out) => out.push(text.toUpperCase()));
  const counted = count();
  const said = await Array.fromAsync(pipeline(slice(3), counted, lines().decoder, upper).over([bytes]));
  const framed = await Array.fromAsync(pipeline(frames().encoder, frames().decoder).over([bytes]));
  const read = [];
  for await (const text of new Blob([bytes]).stream().pipeThrough(lines().decoder)) read.push(text);
  return [said.join(), framed.length, counted.bytes, read.join()].join(" ");
}
`;
const result = "ONE,TWO 1 8 one,two";

/** The same with a digest, which needs WebAssembly. */
const digested = `
import { digest } from "echopipe/observers";
import { work } from "./work.js";

export async function all() {
  const sum = await digest("crc32");
  await Array.fromAsync(sum.over([new TextEncoder().encode("123456789")]));
  return [await work(), sum.hex].join(" ");
}
`;

describe("what needs no socket, elsewhere", once, () => {
  let installed: InstalledPackage;
  before(async () => {
    installed = await installPackage();
    await installed.write("work.js", work);
    await installed.write("all.js", digested);
  });
  after(() => installed?.remove());

  /** Bundles a script; undefined: skipped. */
  async function bundle(
    t: { skip(reason: string): void },
    script: string,
    format = "esm",
  ): Promise<string | undefined> {
    await installed.write("entry.js", script);
    const args = ["entry.js", "--bundle", "--minify", "--platform=browser", `--format=${format}`, "--outfile=out.mjs"];
    const said = await runFromRegistry(t, ESBUILD, [...args, "--log-level=warning"], installed.folder);
    return said === undefined ? undefined : await readFile(path.join(installed.folder, "out.mjs"), "utf8");
  }

  describe("bundles for a browser have nothing of a runtime, and stay small", () => {
    for (const [subpath, limit] of limits) {
      test(subpath, async (t) => {
        const text = await bundle(t, `export * from "echopipe/${subpath}";`);
        if (text === undefined) return;
        const size = gzipSync(text).length;
        assert.ok(size <= limit, `${size} bytes`);
        const page = await readFile(new URL("../../docs/package.md", import.meta.url), "utf8");
        assert.match(page, new RegExp(`\`echopipe/${subpath}\` +\\| ${limit / 1000} kB`));
      });
    }
  });

  test("in a browser", {
    skip: spawnSync("chromium", ["--version"]).error === undefined ? false : "no chromium here",
  }, async (t) => {
    const show = (what: string) => `document.body.textContent = ${what}`;
    const text = await bundle(
      t,
      `import { all } from "./all.js"; all().then((r) => ${show("r")}, (e) => ${show("e")});`,
      "iife",
    );
    if (text === undefined) return;
    await installed.write("page.html", `<!doctype html><body></body><script>${text.replaceAll("</", "<\\/")}</script>`);
    const { stdout } = await run("chromium", [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", `--user-data-dir=${installed.folder}/profile`],
      ...["--virtual-time-budget=20000", "--dump-dom", `file://${installed.folder}/page.html`],
    ], { timeout: 60_000 });
    assert.match(stdout, new RegExp(`<body>${result} cbf43926</body>`));
  });

  test("in Bun, and with its node:net the sockets, too", async (t) => {
    await installed.write(
      "bun.js",
      `import { connect, echo, line, listen, pipe, pipeline } from "echopipe";
import { all } from "./all.js";
console.log(await all());
const listener = await listen({}, (peer) => {
  const { decoder, encoder } = line();
  return pipe(peer, pipeline(decoder, echo(), encoder), peer);
});
const connection = await connect({ port: listener.address.port });
const writer = connection.writable.getWriter();
await writer.write(new TextEncoder().encode("hello"));
await writer.close();
console.log(await new Response(connection.readable).text());
await listener[Symbol.asyncDispose]();`,
    );
    const said = await runFromRegistry(t, BUN, ["bun.js"], installed.folder);
    if (said !== undefined) assert.equal(said, `${result} cbf43926\nhello\n`);
  });

  test("in workerd, all but digests: it compiles no WebAssembly", async (t) => {
    const text = await bundle(
      t,
      `import { work } from "./work.js";
export default {
  async test() {
    const found = await work();
    if (found !== "${result}") throw new Error(found);
  },
};`,
    );
    if (text === undefined) return;
    await installed.write(
      "config.capnp",
      `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .bundled)]);
const bundled :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "out.mjs")], compatibilityDate = "2026-01-01",
);
`,
    );
    const said = await runFromRegistry(t, WORKERD, ["test", "config.capnp"], installed.folder);
    if (said !== undefined) assert.match(said, /PASS/);
  });
});
