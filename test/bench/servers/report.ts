/**
 * What servers came to, as Markdown.
 *
 * @module
 */
import { table } from "../tables.ts";
import type { BulkFigures } from "./bulk.ts";
import { type CellFigures, type Cost, kinds } from "./cells.ts";
import type { CrowdFigures } from "./crowd.ts";
import type { FairnessFigures } from "./fairness.ts";
import type { Framing, Kind } from "./kinds.ts";
import type { MemoryFigures, StartFigure } from "./starting.ts";

const heads: Readonly<Record<Kind, string>> = {
  C: "C",
  Deno: "Deno pipe",
  Node: "Node pipe",
  ours: "ours",
  "ours on Node": "ours on Node",
};

const range = (values: number[]) => `${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)}`;
const percent = (part: number) => `${Math.round(part * 100)} %`;

/** Throughput: MB/s where much travels, else messages a second. */
export function throughputTable(all: readonly CellFigures[]): string {
  const head = [
    "load",
    "unit",
    ...kinds.map((kind) => heads[kind]),
    "ours/C",
    "least-most",
    "ours/Deno",
    "ours/Node",
    "on Node: ours/pipe",
  ];
  return table(
    head,
    all.map((figures) => [
      `\`${figures.framing}\`, ${figures.cell.name}`,
      figures.cell.figure === "mb_s" ? "MB/s" : "messages/s",
      ...kinds.map((kind) => figures.of(kind)),
      figures.ratio("ours", "C"),
      range(figures.ratios("ours", "C")),
      ...(["Deno", "Node"] as const).map((other) => figures.ratio("ours", other)),
      figures.ratio("ours on Node", "Node"),
    ]),
  );
}

/** How long a message takes. */
export function latencyTable(all: readonly CellFigures[]): string {
  const peers = all.filter(({ cell }) => cell.window === 1);
  const three = (figures: CellFigures, kind: Kind) =>
    (["p50_us", "p99_us", "longest_us"] as const).map((figure) => Math.round(figures.of(kind, figure))).join(" / ");
  return table(
    ["load, microseconds p50 / p99 / longest", ...kinds.map((kind) => heads[kind]), "p99 ours/C"],
    peers.map((figures) => [
      `\`${figures.framing}\`, ${figures.cell.name}`,
      ...kinds.map((kind) => three(figures, kind)),
      figures.ratio("ours", "C", "p99_us"),
    ]),
  );
}

/** What a load is bound by, as far as processor time tells. */
function bound({ server, load, kernel }: Cost): string {
  if (Math.max(server, load) < 0.8) return "neither";
  if (load > server) return "load generator";
  return kernel > 0.5 ? "server, kernel" : "server, own code";
}

/** Where the processor time goes. */
export function costTable(all: readonly CellFigures[]): string {
  return table(
    [
      "us a message",
      ...kinds.map((kind) => heads[kind]),
      "of ours in the kernel",
      "ours busy",
      "load busy",
      "bound by",
    ],
    all.map((figures) => {
      const ours = figures.cost("ours");
      return [
        ...[`\`${figures.framing}\`, ${figures.cell.name}`, ...kinds.map((kind) => figures.cost(kind).us)],
        ...[percent(ours.kernel), percent(ours.server), percent(ours.load), bound(ours)],
      ];
    }),
  );
}

/** What a connection costs: of those loads that open many. */
export function connectionTable(all: readonly CellFigures[]): string {
  return table(
    ["us a connection and its first message", ...kinds.map((kind) => heads[kind])],
    all.filter(({ cell }) => cell.connections >= 1000).map((figures) => [
      `\`${figures.framing}\`, ${figures.cell.name}`,
      ...kinds.map((kind) => figures.of(kind, "connection_us")),
    ]),
  );
}

/** Memory of fresh servers. */
export function memoryTable(figures: readonly MemoryFigures[]): string {
  return table(
    ["server", "at the start, MiB", "each idle peer, KiB"],
    figures.map(({ kind, framing, startMiB, peerKiB }) => [named(kind, framing), startMiB, peerKiB]),
  );
}

/** Start-up. */
export function startTable(figures: readonly StartFigure[]): string {
  return table(["what", "ms", "x the first"], figures.map(({ name, ms, ratio }) => [name, ms, ratio]));
}

/** The bulk client. */
export function bulkTable(figures: readonly BulkFigures[], mebibytes: number): string {
  return table(
    [`${mebibytes} MiB there and back`, "seconds", "MB/s", "x the first", "client at most, MiB", "server at most, MiB"],
    figures.map(({ name, seconds, ratio, clientMiB, serverMiB }) => [
      ...[name, seconds, mebibytes * 2 ** 20 / seconds / 1e6],
      ...[ratio, clientMiB, serverMiB],
    ]),
  );
}

/** Very many peers. */
export function crowdTable(figures: readonly CrowdFigures[], peers: number): string {
  return table(
    [
      `${peers.toLocaleString("en-US")} peers, 64 B`,
      "all served after, s",
      "messages/s",
      "p50, ms",
      "p99, ms",
      "server at most, MiB",
    ],
    figures.map(({ kind, framing, result, peakMiB }) => [
      ...[named(kind, framing), result.connect_s, result.messages_s],
      ...[result.p50_us / 1e3, result.p99_us / 1e3, peakMiB],
    ]),
  );
}

/** Honest peers and newcomers beside bulk. */
export function fairnessTable(figures: readonly FairnessFigures[]): string {
  return table(
    [
      "bulk clients, server",
      "honest peers: p50, ms",
      "p99, ms",
      "newcomers answered",
      "first answer: p50, ms",
      "longest, ms",
      "bulk, MB/s",
      "unserved",
    ],
    figures.map((each) => [
      ...[`${each.bulk}, ${named(each.kind, "raw")}`, each.honest_p50_us / 1e3, each.honest_p99_us / 1e3],
      ...[String(each.newcomers), each.newcomer_p50_us / 1e3, each.newcomer_longest_us / 1e3],
      ...[each.bulk_mb_s, String(each.unserved)],
    ]),
  );
}

function named(kind: Kind, framing: Framing): string {
  return kind.startsWith("ours") ? `${heads[kind]}, \`${framing}\`` : heads[kind];
}
