/**
 * What 200 logins at once cost others: the echo's delay, and the server's memory.
 *
 * ```sh
 * deno run -A test/bench/logins.ts
 * ```
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import type net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { FileUserStore } from "../../src/identity/file_store.ts";
import { Passwords } from "../../src/identity/passwords.ts";
import { Sessions } from "../../src/identity/sessions.ts";
import { newUser } from "../../src/identity/users.ts";
import { startServerCommand } from "../support/commands.ts";
import { conversation } from "./logins/conversation.ts";
import { messageBytes, open } from "../support/sockets.ts";

const PEERS = 50;
const LOGINS = 200;
/** Each peer sends a message of 64 bytes so often, in milliseconds. */
const PACE_MS = 20;
const secret = "a long walk home";

const control = (value: unknown) => messageBytes(JSON.stringify(value), "control");

/** The 99th percentile of the echo's delay, in milliseconds, while `going`. */
async function delays(peers: { socket: net.Socket; next(): Promise<string> }[], going: () => boolean): Promise<number> {
  const message = messageBytes("x".repeat(64));
  const all: number[] = [];
  await Promise.all(peers.map(async ({ socket, next }, i) => {
    await new Promise((resume) => setTimeout(resume, i * PACE_MS / PEERS));
    while (going()) {
      const began = performance.now();
      socket.write(message);
      await next();
      const took = performance.now() - began;
      all.push(took);
      await new Promise((resume) => setTimeout(resume, Math.max(0, PACE_MS - took)));
    }
  }));
  return all.sort((a, b) => a - b)[Math.floor(all.length * 0.99)];
}

const folder = await mkdtemp(join(tmpdir(), "echopipe-bench-"));
try {
  const users = join(folder, "users.json");
  const sessions = new Sessions();
  const tokens: string[] = [];
  {
    await using store = await FileUserStore.open(users);
    await using passwords = new Passwords();
    const password = await passwords.hash(secret);
    await Promise.all(Array.from({ length: LOGINS }, (_, i) => store.create({ ...newUser(`user ${i}`), password })));
    const peer = sessions.begin({ ...newUser("peer"), password });
    tokens.push(peer.token);
    await store.create(peer.user);
  }
  await using server = await startServerCommand(folder, ["--access", "password", "--users", users]);

  const peers = await Promise.all(Array.from({ length: PEERS }, async () => {
    const socket = await open(server.at);
    socket.setNoDelay(true);
    const next = conversation(socket);
    socket.write(control({ type: "hello", version: 1, token: tokens[0] }));
    await next();
    return { socket, next };
  }));

  const crowd = spawn(process.execPath, [
    ...("Deno" in globalThis ? ["run", "-A"] : []),
    fileURLToPath(new URL("./logins/crowd.ts", import.meta.url)),
    ...[String(server.at), String(LOGINS)],
  ], { stdio: ["pipe", "pipe", "inherit"] });
  await once(crowd.stdout, "data");

  const until = performance.now() + 3000;
  const quiet = await delays(peers, () => performance.now() < until);

  crowd.stdin.write(`${secret}\n`);
  const began = performance.now();
  let over = false;
  const output = once(crowd.stdout, "data").then(([line]) => (over = true, Number(line)));
  const busy = await delays(peers, () => !over);
  const admitted = await output;
  const seconds = (performance.now() - began) / 1000;
  for (const { socket } of peers) socket.destroy();

  console.log(`${admitted} of ${LOGINS} logins at once admitted in ${seconds.toFixed(1)} s`);
  console.log(`echo p99, ${PEERS} peers: ${quiet.toFixed(2)} ms quiet, ${busy.toFixed(2)} ms meanwhile`);
  console.log(`server memory at its most: ${server.peakMiB().toFixed(0)} MiB`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
