/**
 * What docs/exercises.md shows is what the commands show: a block of `sh` with a block of `text` behind it is run by bash,
 * in a folder of its own, with a server on a free port in place of 9090. Numbers, digests and hashes may differ.
 */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { commandLine, temporaryFolder } from "../support/commands.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const skip = spawnSync("python3", ["--version"]).status !== 0 && "no python3 here";
const hasIPv6 = Object.values(networkInterfaces()).flat().some((found) => found?.address === "::1");

/** A port that was free a moment ago, for IPv4 and IPv6. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject).listen(0, hasIPv6 ? "::" : "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve((address as { port: number }).port));
    });
  });
}

/** A word of a command line, for the shell. */
const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** The command line of a task that can be run in any folder. */
function anywhere(words: readonly string[]): string {
  const absolute = words.map((word) => word.startsWith("cli/") ? join(root, word) : word);
  const [program, run, ...rest] = absolute;
  const line = "Deno" in globalThis ? [program, run, "--config", join(root, "deno.json"), ...rest] : absolute;
  return line.map(quoted).join(" ");
}

/** Makes `deno` and `nc` in `bin`: tasks of this project on the runtime of the test, and the examples. */
async function makeShims(bin: string, port: number): Promise<void> {
  const cases = ["server", "client", "users"].map((task) => {
    const at = task === "users" ? "" : ` --port ${port}`;
    return `  ${task}) exec ${anywhere(commandLine(task))}${at} "$@";;`;
  });
  const example = "Deno" in globalThis
    ? [process.execPath, "run", "--quiet", "--config", join(root, "deno.json"), "--allow-net"]
    : [process.execPath];
  const deno = `#!/bin/bash
what=$1; shift
if [ "$what" = run ]; then exec ${example.map(quoted).join(" ")} ${quoted(root)}"\${@: -1}"; fi
task=$1; shift
case $task in
${cases.join("\n")}
esac
`;
  await writeFile(join(bin, "deno"), deno, { mode: 0o755 });
  const nc = `#!/bin/sh\nexec python3 ${quoted(join(root, "test/support/nc.py"))} "$@"\n`;
  await writeFile(join(bin, "nc"), nc, { mode: 0o755 });
}

/** The script: a server in the background, waited for, then the commands. */
function scriptOf(block: string, port: number): string {
  const isServer = (line: string) => /^deno task server/.test(line) && !line.includes("--strict-port");
  const lines = block.split("\n");
  const server = lines.find(isServer) ?? "deno task server --yes";
  const rest = lines.filter((line) => !isServer(line)).join("\n").replaceAll("9090", String(port));
  return `${server} > listening.txt 2> said.txt &
server=$!
for i in {1..300}; do grep -qs '^listening' listening.txt && break; sleep 0.1; done
${rest}
kill $server 2> killed.txt; wait 2> killed.txt
`;
}

/** A text without what differs from run to run, and without what a shell says of programs that a signal ended. */
const essence = (text: string) =>
  text.replaceAll(/^(\S*bash: line \d+:)? *\d+ (Broken pipe|Killed) .*\n/gm, "").trim().replaceAll(
    /\$argon2id\$[^"]*|\b[0-9a-f]{32}\b/g,
    "#",
  ).replaceAll(/\d+(\.\d+)?/g, "0").replaceAll(
    / +/g,
    " ",
  );

/** Runs a block; what it shows on standard output and standard error. */
async function shown(block: string): Promise<string> {
  await using folder = await temporaryFolder();
  const bin = folder.file("bin");
  await mkdir(bin);
  const port = await freePort();
  await makeShims(bin, port);
  await symlink(join(root, "examples"), folder.file("examples"));
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, NO_COLOR: "1" };
  const bash = spawn("bash", ["-c", `exec 2>&1\n${scriptOf(block, port)}`], { cwd: folder.path, env, timeout: 60_000 });
  let text = "";
  bash.stdout.on("data", (bytes) => text += bytes);
  bash.stdin.end();
  await new Promise((resolve) => bash.once("close", resolve));
  return text;
}

for (const page of ["docs/exercises.md"]) {
  describe(`${page} shows what is to be seen`, { skip }, () => {
    let heading = "";
    const text = readFileSync(join(root, page), "utf8");
    for (
      const [, title, block, expected] of text.matchAll(/^## (.*)$|^```sh\n([^`]*?)```\n\n```text\n([^`]*?)```$/gm)
    ) {
      if (title !== undefined) heading = title;
      else {
        const needsIPv6 = /::/.test(block) && !hasIPv6 && "no IPv6 here";
        test(heading, { skip: needsIPv6 }, async () => assert.equal(essence(await shown(block)), essence(expected)));
      }
    }
  });
}
