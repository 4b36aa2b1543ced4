import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { inTurns } from "../peers.ts";
import { Findings, type Row, share } from "../row.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Servers that lie in the framing `raw`, and the status that the client must have. */
const liars: Record<string, { status: number[]; serve: (socket: net.Socket) => void }> = {
  honest: { status: [0], serve: (socket) => void socket.pipe(socket) },
  "flips a bit": {
    status: [6],
    serve: (socket) =>
      socket.on("data", (bytes) => {
        bytes[bytes.length >> 1] ^= 1;
        socket.write(bytes);
      }).on("end", () => socket.end()),
  },
  "leaves out the last byte": {
    status: [6],
    serve: (socket) => {
      let held = Buffer.alloc(0);
      socket.on("data", (bytes: Uint8Array) => {
        const all = Buffer.concat([held, bytes]);
        held = all.subarray(-1);
        socket.write(all.subarray(0, -1));
      }).on("end", () => socket.end());
    },
  },
  "adds a byte": {
    status: [6],
    serve: (socket) => socket.pipe(socket, { end: false }).on("end", () => socket.end("x")),
  },
  "ends at once": { status: [6], serve: (socket) => socket.end() },
  "swaps two blocks": {
    status: [6],
    serve: (socket) => {
      const blocks: Uint8Array[] = [];
      socket.on("data", (bytes: Uint8Array) => blocks.push(bytes)).on("end", () => {
        const all = Buffer.concat(blocks);
        socket.end(Buffer.concat([all.subarray(1000), all.subarray(0, 1000)]));
      });
    },
  },
  resets: { status: [1, 6], serve: (socket) => socket.once("data", () => socket.resetAndDestroy()) },
  "says nothing": { status: [4], serve: (socket) => socket.resume() },
  "never reads": { status: [4], serve: (socket) => socket.pause() },
  "sends without end": {
    status: [6],
    serve: (socket) => {
      const block = new Uint8Array(64 * 1024);
      const send = () => {
        while (!socket.destroyed && socket.write(block));
      };
      socket.on("drain", send).resume();
      send();
    },
  },
};

/** Servers that lie to the client. */
export const liarsRow: Row = {
  id: "liars",
  title: "10 servers that lie to the client: its status says so, and no wrong file has the name of `--output`",
  deadline: 120,
  async run(target, size) {
    const findings = new Findings();
    const folder = await mkdtemp(join(tmpdir(), "echopipe-torture-"));
    try {
      const input = join(folder, "input");
      writeFileSync(input, randomBytes(share(64 << 20, size)));
      const all = Object.entries(liars);
      const cases = size < 0.1 ? all.slice(0, 3) : all;
      await inTurns(cases.length, 2, async (i) => {
        const [name, { status, serve }] = cases[i];
        const output = join(folder, `output ${i}`);
        const found = await clientStatus(target.command("client"), serve, input, output);
        findings.expect(status.includes(found), `"${name}": status ${found}; expected ${status.join(" or ")}`);
        const kept = existsSync(output);
        const equal = kept && readFileSync(output).equals(readFileSync(input));
        findings.expect(name === "honest" ? equal : !kept, `"${name}": ${kept ? "a" : "no"} file was left`);
      });
      findings.add("liars", cases.length - 1);
      return findings;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Sends a file through such a server; the exit status of the client. */
async function clientStatus(
  command: string[],
  serve: (socket: net.Socket) => void,
  input: string,
  output: string,
): Promise<number> {
  const sockets: net.Socket[] = [];
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on("error", () => {}));
    serve(socket);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as net.AddressInfo;
  const flags = ["--port", String(port), "--framing", "raw", "--timeout", "2", "--output", output];
  const [program, ...words] = [...command, input, "--yes", "--no-progress", "--quiet", "--log-to", "none", ...flags];
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("ECHOPIPE_")));
  const child = spawn(program, words, { cwd: root, env: clean as Record<string, string>, stdio: "ignore" });
  const timer = setTimeout(() => process.kill(child.pid!, "SIGKILL"), 60_000);
  const status = await new Promise<number>((resolve) => child.on("close", (code) => resolve(code ?? -1)));
  clearTimeout(timer);
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((closed) => server.close(() => closed()));
  return status;
}
