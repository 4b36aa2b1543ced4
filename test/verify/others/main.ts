/**
 * `deno task verify:others`: tries `verify` on many echo servers, and writes the tables of docs/verify.md. Words after it
 * choose servers whose names contain one of them; then the tables are printed only.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { isThere, others } from "./list.ts";
import { type Found, type Tried, tryServer } from "./try.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const page = join(root, "docs/verify.md");
const [BEGIN, END] = ["<!-- begin: deno task verify:others -->", "<!-- end -->"];

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
