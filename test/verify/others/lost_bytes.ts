/**
 * `deno task lost-bytes`: the table of the README, in both languages. Each server is sent 1 MB and the end (FIN) at once, 20 times; counted
 * are the runs in which the client did not get all of it back. `--print` leaves the pages as they are.
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
import { tryServer } from "./try.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const [BEGIN, END] = ["<!-- begin: deno task lost-bytes -->", "<!-- end -->"];
/** The case of verify that does it; its verdict says in how many runs bytes were missing. */
const CASE = "ending/half-close";

/** The pages with the table, and its words. */
const pages = [
  {
    file: "README.md",
    head: ["echo server", "runs that lost bytes", "the first of them got back"],
    of: "of",
    unit: "bytes",
  },
  {
    file: "README.ru.md",
    head: ["эхо-сервер", "прогонов с потерей", "в первом из них вернулось"],
    of: "из",
    unit: "байтов",
  },
] as const;

/** The servers in the order of the table: names of list.ts, and what stands in the table of each page. */
const rows: readonly (readonly [name: string, ...shown: string[]])[] = [
  [
    "Deno, `readable.pipeThrough(chunker).pipeTo(writable)`",
    "Deno, `conn.readable.pipeThrough(chunker).pipeTo(conn.writable)`",
  ],
  [
    "Node, `Duplex.toWeb`, chunker, that waits 1 ms",
    "Node, the same over `Duplex.toWeb`, with a stage that takes 1 ms",
    "Node, то же через `Duplex.toWeb`, со ступенью, которой нужна 1 мс",
  ],
  ["`ncat -l -k -e /bin/cat`", "`ncat -l -k -e /bin/cat`"],
  ["`socat TCP-LISTEN:…,fork EXEC:cat`", "`socat TCP-LISTEN:9090,fork EXEC:cat`"],
  ["echopipe on Deno, `auto`", "**echopipe** on Deno", "**echopipe** на Deno"],
  ["echopipe on Node, `auto`", "**echopipe** on Node", "**echopipe** на Node"],
];

if (import.meta.main) {
  const folder = mkdtempSync(join(tmpdir(), "echopipe-lost-"));
  try {
    const node = execFileSync("npx", ["--yes", "node@24", "-p", "process.execPath"], { encoding: "utf8" }).trim();
    const known = others({ folder, node });
    const tables = pages.map(({ head }) => [`| ${head.join(" | ")} |`, "| --- | --: | --- |"]);
    for (const [name, ...shown] of rows) {
      const server = known.find((other) => other.name === name);
      if (server === undefined) throw new Error(`Cannot try ${name}: it is not in list.ts`);
      if (server.needs !== undefined && !isThere(server.needs)) {
        throw new Error(`Cannot try ${name}: no ${server.needs} here; expected the Debian package ${server.needs}`);
      }
      const { cases: [{ result, actual }] } = await tryServer(server, [CASE]);
      const wrong = /wrong in (\d+) of (\d+) runs; the first: (\d+) of (\d+) bytes/.exec(actual);
      if (result !== "passed" && wrong === null) throw new Error(`Cannot count what ${name} lost: ${actual}`);
      for (const [i, { of, unit }] of pages.entries()) {
        const back = wrong === null ? "" : `${wrong[3]} ${of} ${wrong[4]} ${unit}`;
        tables[i].push(`| ${shown[i] ?? shown[0]} | ${wrong?.[1] ?? 0} ${of} ${wrong?.[2] ?? 20} | ${back} |`);
      }
    }
    for (const [i, { file }] of pages.entries()) {
      const table = tables[i].join("\n");
      if (process.argv.includes("--print")) console.log(`${table}\n`);
      else {
        const [before, rest] = readFileSync(join(root, file), "utf8").split(BEGIN);
        writeFileSync(join(root, file), `${before}${BEGIN}\n\n${table}\n\n${END}${rest.split(END)[1]}`);
        execFileSync(process.execPath, ["fmt", "--quiet", file], { cwd: root });
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
