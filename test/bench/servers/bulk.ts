/**
 * The bulk client: a file there and back, beside `nc -N` or `socat` through the C server, in pairs.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../support/commands.ts";
import { median, turned } from "../measure.ts";
import { serverCommand, type Tools } from "./kinds.ts";
import { ended, memoryMiB, RunningServer, start } from "./process.ts";

/** What came of one way to send the file. */
export interface BulkFigures {
  readonly name: string;
  readonly seconds: number;
  /** How many times what the first of the list took, as the median over the pairs. */
  readonly ratio: number;
  /** The most memory that the client used, in MiB. */
  readonly clientMiB: number;
  readonly serverMiB: number;
}

/** Sends a file of so many MiB through each pair of client and server, in turn. */
export async function measureBulk(tools: Tools, mebibytes: number, rounds: number): Promise<BulkFigures[]> {
  const file = join(tools.folder, "bulk");
  writeFile(file, mebibytes);
  await using running = new AsyncDisposableStack();
  const serve = async (kind: Parameters<typeof serverCommand>[0]) =>
    running.use(await RunningServer.start(serverCommand(kind, "message", tools)));
  const [c, deno, node] = [await serve("C"), await serve("ours"), await serve("ours on Node")];
  const client = (
    server: RunningServer,
    log: string,
  ) => ["--yes", "--port", String(server.port), "--no-session", "--log-file", join(tools.folder, log)];
  const ways: { name: string; server: RunningServer; command: string[] }[] = [
    { server: c, ...plainClient(c.port) },
    {
      name: "ours, client and server on Deno",
      server: deno,
      command: [...commandLine("client"), ...client(deno, "d.log")],
    },
    {
      name: "ours, client and server on Node",
      server: node,
      command: [tools.node, "cli/client.ts", ...client(node, "n.log")],
    },
  ];
  const figures = ways.map(() => ({ seconds: [] as number[], clientMiB: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (const i of turned([...ways.keys()], round)) {
      const { seconds, peakMiB } = await send(ways[i].command, file);
      figures[i].seconds.push(seconds);
      figures[i].clientMiB = Math.max(figures[i].clientMiB, peakMiB);
    }
  }
  return ways.map(({ name, server }, i) => ({
    name,
    seconds: median(figures[i].seconds),
    ratio: median(figures[i].seconds.map((seconds, round) => seconds / figures[0].seconds[round])),
    clientMiB: figures[i].clientMiB,
    serverMiB: server.peakMiB,
  }));
}

/** `COMMAND < file > /dev/null`, as the shell does it. */
async function send(command: string[], file: string): Promise<{ seconds: number; peakMiB: number }> {
  const [input, output] = [openSync(file, "r"), openSync("/dev/null", "w")];
  const began = performance.now();
  const child = start(command, [input, output, "pipe"]);
  let peakMiB = 0;
  const watch = setInterval(() => peakMiB = memoryMiB(child.pid!, "VmHWM") ?? peakMiB, 20);
  try {
    await ended(child, command.join(" "));
    return { seconds: (performance.now() - began) / 1e3, peakMiB };
  } finally {
    clearInterval(watch);
    closeSync(input);
    closeSync(output);
  }
}

/** What there is on this machine that sends a file, and ends its side when the file does. */
function plainClient(port: number): { name: string; command: string[] } {
  const helps = (command: string, flag: string) => {
    try {
      return execFileSync("sh", ["-c", `${command} -h 2>&1 || true`], { encoding: "utf8" }).includes(flag);
    } catch {
      return false;
    }
  };
  const name = "through the C server";
  if (helps("nc", "-N")) return { name: `\`nc -N\` ${name}`, command: ["nc", "-N", "127.0.0.1", String(port)] };
  if (helps("socat", "socat")) return { name: `\`socat\` ${name}`, command: ["socat", "-", `TCP:127.0.0.1:${port}`] };
  throw new Error("Cannot measure the bulk client: neither nc -N nor socat is there");
}

/** Noise that differs from mebibyte to mebibyte. */
function writeFile(path: string, mebibytes: number): void {
  const block = new Uint8Array(1 << 20);
  for (let at = 0; at < block.length; at += 65536) crypto.getRandomValues(block.subarray(at, at + 65536));
  using file = Deno.openSync(path, { write: true, create: true });
  for (let i = 0; i < mebibytes; i++) {
    new DataView(block.buffer).setUint32(0, i);
    for (let done = 0; done < block.length;) done += file.writeSync(block.subarray(done));
  }
}
