/**
 * `deno task torture [--size N] [--write] [ROW...]`: the rows, on our server on Deno and on Node, and on others. `--size`
 * below 1 shortens them; `--write` writes `test/bench/HOLDS.md` and `HOLDS.json`, in which rows that were not named keep what they had. Status 1: something of ours fell.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { busyness, describeMachine } from "../bench/machine.ts";
import { prepare } from "../bench/servers/kinds.ts";
import { page } from "./report.ts";
import { rows } from "./rows.ts";
import { type Outcome, runRow } from "./run_row.ts";
import { onNode, others, own } from "./target.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: "string", default: "1" }, write: { type: "boolean", default: false } },
});
const size = Number(values.size);
const ids = rows.map(({ id }) => id);
const unknown = positionals.find((id) => !ids.includes(id));
if (unknown !== undefined || !(size > 0 && size <= 1)) {
  console.error(
    `Cannot run ${unknown ?? `the size ${values.size}`}; expected a size above 0, at most 1, and rows (${
      ids.join(", ")
    })`,
  );
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "echopipe-torture-"));
const { node } = prepare(folder);
rmSync(folder, { recursive: true });
const targets = [own, onNode(node), ...await others(node, freePort)];
const chosen = rows.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
const json = fileURLToPath(new URL("../bench/HOLDS.json", import.meta.url));
const markdown = fileURLToPath(new URL("../bench/HOLDS.md", import.meta.url));
/** Rows that are not run again keep what they had. */
const before: { busy: number[]; outcomes: Outcome[] } = positionals.length > 0 && values.write
  ? JSON.parse(readFileSync(json, "utf8"))
  : { busy: [], outcomes: [] };
const outcomes = before.outcomes.filter(({ row }) => !positionals.includes(row));
const loads = [...before.busy];
for (const row of chosen) {
  for (const target of targets) {
    if (!target.ours && !row.peers) continue;
    loads.push(busyness());
    const outcome = await runRow(row, target, size);
    outcomes.push(outcome);
    if (values.write) write(); // a run that is cut short leaves what it has
    console.error(`${row.id}, ${target.name}: ${outcome.verdict} ${outcome.failures.join("; ")}${outcome.note ?? ""}`);
  }
}

console.log(report());
process.exit(outcomes.some(({ ours, verdict }) => ours && verdict === "fell") ? 1 : 0);

/** The page, of what there is so far. */
function report(): string {
  const busy = busyRange().map((load) => load.toFixed(1)).join(" to ");
  const head = `Made by \`deno task torture --size ${size} --write\` on ${new Date().toISOString().slice(0, 10)}.

${describeMachine(node)}
- ${busy} processes were at work meanwhile (mean of a minute). Times and memory are rough, counts are not: a rough figure
  of another is a loss here if ours is more than twice as high.

The clients run on Deno, in one process, on the same machine: what a client waits has its own time in it. \`socat\` and
\`ncat\` fork a process for each client, and the memory is that of all. \`deno task test\` runs the same rows in a short
form.`;
  return page(head, before.outcomes.length > 0 ? rows : chosen, outcomes);
}

function write(): void {
  writeFileSync(markdown, report());
  writeFileSync(json, `${JSON.stringify({ version: 1, size, busy: busyRange(), outcomes }, null, 2)}\n`);
}

/** How busy the machine was, at least and at most. */
function busyRange(): number[] {
  return [Math.min(...loads), Math.max(...loads)];
}

/** A port that is free right now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
