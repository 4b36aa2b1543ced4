/**
 * `deno task verify:others`: tries `verify` on many echo servers, and writes the tables of docs/verify.md. Words after it
 * choose servers whose names contain one of them; then the tables are printed only.
 *
 * @module
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../support/commands.ts";
import { isThere, type Other, others } from "./list.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = join(root, "docs/verify.md");
const [BEGIN, END] = ["<!-- begin: deno task verify:others -->", "<!-- end -->"];
/** Limit of time for a server to start, and for all cases on it, in milliseconds. */
const [START_MS, RUN_MS] = [20_000, 300_000];

/** A case in the report of verify. */
interface Found {
  readonly id: string;
  readonly result: string;
  readonly bytes: string;
  readonly ending: string;
  readonly actual: string;
}

/** The report of verify, with the time it took in seconds. */
interface Tried {
  readonly name: string;
  readonly cases: readonly Found[];
  readonly seconds: number;
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** True once somebody accepts there. */
function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

/** Starts a server, verifies it, and ends it. */
async function tryServer({ name, command, flags = [], port: fixed }: Other): Promise<Tried> {
  const free = fixed ?? await freePort();
  const [program, ...args] = command(free);
  // A group of its own: forks end with it.
  const child = spawn(program, args, { cwd: root, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (bytes) => said = (said + bytes).slice(0, 10_000));
  }
  let over: string | undefined;
  child.once("error", (error) => over = error.message);
  child.once("exit", (code, signal) => over = `ended with ${code ?? signal}`);
  try {
    let port: number | undefined;
    for (const limit = performance.now() + START_MS; port === undefined;) {
      if (over !== undefined || performance.now() > limit) throw new Error(`Cannot start ${name}: ${over}: ${said}`);
      const listening = /listening on \S+:(\d+)\n/.exec(said);
      if (listening !== null) port = Number(listening[1]);
      else if (await accepts(free)) port = free;
      else await new Promise((resume) => setTimeout(resume, 50));
    }
    return { name, ...await verify(port, flags) };
  } finally {
    if (over === undefined) process.kill(-child.pid!, "SIGKILL");
  }
}

async function verify(port: number, flags: readonly string[]): Promise<Omit<Tried, "name">> {
  const [program, ...args] = [...commandLine("verify"), `127.0.0.1:${port}`, "--json", ...flags];
  const began = performance.now();
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], timeout: RUN_MS });
  let printed = "";
  child.stdout.on("data", (bytes) => printed += bytes);
  await new Promise((resolve) => child.once("close", resolve));
  return { cases: JSON.parse(printed).cases, seconds: (performance.now() - began) / 1000 };
}

const isLax = ({ result, bytes, ending }: Found) => result === "passed" && [bytes, ending].includes("not-strict");

/** The tables: numbers of each server, then what was found of each case. */
function tables(all: readonly Tried[], leftOut: readonly string[]): string {
  const rows = all.map(({ name, cases, seconds }) => {
    const count = (keep: (one: Found) => boolean) => cases.filter(keep).length;
    const numbers = [
      cases.length,
      count((one) => one.result === "passed" && !isLax(one)),
      count(isLax),
      count(({ result }) => result === "skipped"),
      count(({ result }) => result === "failed"),
    ];
    return `| ${name} | ${numbers.join(" | ")} | ${seconds.toFixed(0)} |`;
  });
  const found = all.flatMap(({ name, cases }) => {
    const notOk = cases.filter((one) => one.result === "failed" || isLax(one));
    return notOk.map(({ id, result, bytes, ending, actual }) =>
      `| ${name} | ${id} | ${result === "failed" ? "failed" : "lax"} | ${bytes}, ${ending} | ${
        actual.replaceAll("|", "\\|")
      } |`
    );
  });
  return [
    `On Deno ${Deno.version.deno}, Linux, loopback.`,
    "",
    "| server | cases | passed | lax | skipped | failed | seconds |",
    "| --- | --: | --: | --: | --: | --: | --: |",
    ...rows,
    "",
    ...leftOut.length === 0 ? [] : [`Left out: ${leftOut.join(", ")}.`, ""],
    "What did not pass, or passed but for `--strict`:",
    "",
    "| server | case | result | bytes, ending | found |",
    "| --- | --- | --- | --- | --- |",
    ...found,
  ].join("\n");
}

if (import.meta.main) {
  const words = process.argv.slice(2);
  const folder = mkdtempSync(join(tmpdir(), "echopipe-verify-"));
  try {
    if (isThere("gcc")) {
      const source = join(root, "test/bench/servers/epoll_echo.c");
      execFileSync("gcc", ["-O2", "-o", join(folder, "epoll_echo"), source]);
    }
    const node = execFileSync("npx", ["--yes", "node@24", "-p", "process.execPath"], { encoding: "utf8" }).trim();
    const chosen = others({ folder, node }).filter(({ name }) =>
      words.length === 0 || words.some((word) => name.includes(word))
    );
    const there = chosen.filter(({ needs }) => needs === undefined || isThere(needs));
    const leftOut = chosen.filter((other) => !there.includes(other)).map(({ name, needs }) => `${name} (no ${needs})`);
    const tried: Tried[] = [];
    for (const other of there) {
      console.error(other.name);
      try {
        tried.push(await tryServer(other));
      } catch (error) {
        console.error(error);
        leftOut.push(`${other.name} (it did not start)`);
      }
    }
    const text = tables(tried, leftOut);
    if (words.length > 0) console.log(text);
    else {
      const [before, rest] = readFileSync(page, "utf8").split(BEGIN);
      writeFileSync(page, `${before}${BEGIN}\n\n${text}\n\n${END}${rest.split(END)[1]}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
