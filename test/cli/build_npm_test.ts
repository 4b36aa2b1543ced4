/** The npm package: built, packed, installed into an empty folder, used from JavaScript and from TypeScript. */
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import ts from "typescript";
import { type InstalledPackage, installPackage } from "../support/package.ts";

const run = promisify(execFile);

const script = `
import assert from "node:assert/strict";
import { pipe, echo, line, lines, listen, connect, MessageSocket, pipeline } from "echopipe";
import { stage } from "echopipe/stage";
import { chunks } from "echopipe/framing";
import { digest } from "echopipe/observers";

await using listener = await listen({}, (peer) => {
  const { decoder, encoder } = line();
  return pipe(peer, pipeline(decoder, echo(), encoder), peer);
});
await using connection = await connect({ port: listener.address.port });
const writer = connection.writable.getWriter();
await writer.write(new TextEncoder().encode("hello\\n"));
await writer.close();
assert.equal(await new Response(connection.readable).text(), "hello\\n");

await using talk = await MessageSocket.listen({}, async (peer) => {
  for await (const said of peer) await peer.send(said);
});
await using socket = await MessageSocket.connect({ port: talk.address.port });
await socket.send("again");
assert.equal(await socket.receive(), "again");

const packed = pipeline(lines().encoder, new CompressionStream("gzip"), new DecompressionStream("gzip"), lines().decoder);
assert.deepEqual(await Array.fromAsync(packed.over(["one", "two"])), ["one", "two"]);

const sum = await digest("crc32");
const twice = stage((item, out) => (out.push(item), out.push(item)));
const items = pipeline(chunks(2), twice, sum).over([Uint8Array.of(1, 2, 3)]);
assert.equal((await Array.fromAsync(items)).length, 4);
console.log("echoed");
`;

const typed = script
  .replace("stage((item, out)", "stage<Uint8Array, Uint8Array>((item: Uint8Array, out: Output<Uint8Array>)")
  .replace("out.push(item), out.push(item)", "out.push(item), out.push(item), undefined")
  .replace("import { stage }", "import { type Output, stage }");

let folder = "";
let installed: InstalledPackage | undefined;

/** A node that strips types, if there is one. */
function findNode(): string | undefined {
  const candidates = "deno" in process.versions ? ["node24", "node"] : [process.execPath];
  return candidates.find((candidate) => {
    const version = spawnSync(candidate, ["--version"], { encoding: "utf8" }).stdout ?? "";
    const [major, minor] = version.replace("v", "").split(".").map(Number);
    return major > 22 || major === 22 && minor >= 18;
  });
}

const node = findNode();
const options = node === undefined ? { skip: "no node from 22.18 on" } : {};

before(async () => {
  if (node === undefined) return;
  installed = await installPackage();
  folder = installed.folder;
});

after(() => installed?.remove());

test("it is imported from plain JavaScript, and echoes over a socket", options, async () => {
  await writeFile(path.join(folder, "use.js"), plain(script));
  const { stdout } = await run(node!, ["use.js"], { cwd: folder });
  assert.equal(stdout, "echoed\n");
});

test("it is required from CommonJS", options, async () => {
  await writeFile(path.join(folder, "use.cjs"), 'const { serve } = require("echopipe"); console.log(typeof serve);');
  const { stdout } = await run(node!, ["use.cjs"], { cwd: folder });
  assert.equal(stdout, "function\n");
});

test("hash-wasm is not loaded before it is used", options, async () => {
  const seen = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ resolve: (name, context, next) => (loaded.push(name), next(name, context)) });
    await import("echopipe");
    console.log(loaded.filter((name) => !name.startsWith(".") && !name.startsWith("node:")).join());
  `;
  await writeFile(path.join(folder, "loaded.js"), seen);
  const { stdout } = await run(node!, ["loaded.js"], { cwd: folder });
  assert.equal(stdout, "echopipe\n");
});

test("it is imported from TypeScript: the types hold, and it echoes over a socket", options, async () => {
  const file = path.join(folder, "use.ts");
  await writeFile(file, `${plain(typed)}`);
  const program = ts.createProgram([file], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.asynciterable.d.ts"],
    types: [],
  });
  const complaints = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) =>
    `${path.basename(file?.fileName ?? "")}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`
  );
  // node:assert has no types in an empty folder.
  assert.deepEqual(complaints.filter((complaint) => !complaint.includes("node:assert")), []);
  const { stdout } = await run(node!, ["use.ts"], { cwd: folder });
  assert.equal(stdout, "echoed\n");
});

test("it depends on the registry alone, and every export is there, in JavaScript and types", options, async () => {
  const target = path.join(folder, "node_modules", "echopipe");
  const { dependencies, exports } = JSON.parse(await readFile(path.join(target, "package.json"), "utf8"));
  const ours = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  for (const version of Object.values(dependencies)) assert.match(version as string, /^\d+\.\d+\.\d+$/);
  assert.equal(Object.keys(exports).length, Object.keys(ours.exports).length);
  for (const entry of Object.values(exports) as { types: string; default: string }[]) {
    for (const file of [entry.types, entry.default]) await readFile(path.join(target, file));
  }
  const files = await readdir(target, { recursive: true });
  assert.deepEqual(files.filter((file) => /(?<!\.d)\.ts$/.test(file)), []);
});

test("its command starts all others, and names itself in their help", options, async () => {
  const command = path.join(folder, "node_modules", ".bin", "echopipe");
  const echopipe = (...args: string[]) => run(node!, [command, ...args], { cwd: folder });
  const { stdout: help } = await echopipe("--help");
  for (const [name] of Array.from(help.matchAll(/^ {2}[a-z][a-z-]+/gm), ([found]) => [found.trim()])) {
    const { stdout } = await echopipe(name, "--help");
    assert.match(stdout, new RegExp(`^Usage: echopipe ${name} `));
  }
  const { stdout: demo } = await echopipe("demo");
  assert.match(demo, /All of it came back, byte for byte\. Next: echopipe server/);
  await assert.rejects(echopipe("serve"), { code: 2, stderr: /Cannot start "serve".*did you mean server\?/ });
  await assert.rejects(echopipe(), { code: 2, stderr: /no command is given/ });
});

/** Without \`await using\`, which not every node knows. */
function plain(source: string): string {
  const names = Array.from(source.matchAll(/await using (\w+)/g), ([, name]) => name);
  const closing = names.toReversed().map((name) => `await ${name}[Symbol.asyncDispose]();`).join("\n");
  return `${source.replaceAll("await using", "const")}${closing}\n`;
}
