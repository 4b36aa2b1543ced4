/**
 * `deno task bench`: the figures.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { busyness, describeMachine } from "./machine.ts";
import { measured, writeChapter, writePage } from "./results.ts";
import { benchServers } from "./servers.ts";
import { benchStages } from "./stages.ts";

const PARTS = ["stages", "cells", "memory", "crowd", "fairness", "start", "bulk"];
const usage = `deno task bench [--rounds 5] [--seconds 0.3] [--only ${PARTS.join(",")}] [--write]

--rounds N     how often each server and each stage is measured
--seconds S    how long a server is under a load each time
--only PARTS   some parts, by comma
--idle N       idle peers for the memory of each (2000)
--mib N        size of the file for the bulk client (1024)
--write        rewrite test/bench/RESULTS.md; needs all parts

It needs gcc, and Node 24 or later: named by NODE, on the path, or else the one that npx fetches.
`;

/** Ends with what was wrong. */
function wrong(message: string): never {
  console.error(`bench: ${message}\n\n${usage}`);
  process.exit(2);
}

function readOptions() {
  const options = {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "0.3" },
    only: { type: "string", default: PARTS.join(",") },
    idle: { type: "string", default: "2000" },
    mib: { type: "string", default: "1024" },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    wrong((error as Error).message);
  }
}

/** A number of at least `least`. */
function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= least)) wrong(`--${name} ${text}: a number of at least ${least} is wanted`);
  return value;
}

const values = readOptions();
if (values.help) {
  console.log(usage);
  process.exit();
}
const parts = new Set(values.only.split(","));
const unknown = [...parts].find((part) => !PARTS.includes(part));
if (unknown !== undefined) wrong(`--only ${unknown}: some of ${PARTS.join(", ")} are wanted`);
const onlyFairness = parts.has("fairness") && parts.size === 1;
if (values.write && !onlyFairness && PARTS.some((part) => !parts.has(part))) {
  wrong("--write needs all parts, or fairness alone");
}
const rounds = Math.round(number("rounds", values.rounds, 1));
const seconds = number("seconds", values.seconds, 0.1);
const idle = Math.round(number("idle", values.idle, 1));
const mebibytes = Math.round(number("mib", values.mib, 1));

const began = performance.now();
const busy = busyness();
const say = (what: string) => console.error(`${((performance.now() - began) / 1e3).toFixed(0).padStart(4)} s  ${what}`);
const servers = await benchServers({ parts, rounds, seconds, idle, mebibytes }, say);
const stages = parts.has("stages")
  ? await benchStages({ rounds, sliceMs: 25 }, servers.tools.node, say)
  : { figures: "", losses: [] };
const made = { command: ["deno task bench", ...Deno.args].join(" "), date: new Date() };
const text = measured({
  ...made,
  machine: describeMachine(servers.tools.node),
  busy,
  method:
    `Each server is a process of its own; ours runs as users start it, its log file on. Every round measures every server
once, for ${seconds} s, in turn, and every way of a stage for 25 ms. Figures are medians over ${rounds} rounds, ratios are medians of
the ratios within each round: what slows the machine for a while falls on both. Every echoed byte is compared, and a
connection that ends is a failure of the run. "Deno pipe" is \`readable.pipeTo(writable)\`, "Node pipe" is
\`socket.pipe(socket)\`, "C" one epoll loop with a buffer of 64 KiB: they neither frame, nor log, nor detect \`exit\`.`,
  losses: servers.losses,
  slower: stages.losses,
  servers: servers.figures,
  stages: stages.figures,
});
console.log(text);
if (values.write && onlyFairness) writeChapter(servers.figures, made);
else if (values.write) writePage(text);
say("done");
