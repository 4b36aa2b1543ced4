/**
 * `deno task demo:cluster`: three servers as one, over a NATS server that the demo starts, kills and starts again.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { lines } from "../src/framing/lines.ts";
import { chat } from "../src/chat/room/chat.ts";
import { ClusterRoom, ClusterUserStore, type Nats, openNats } from "../src/cluster/mod.ts";
import { newUser } from "../src/identity/users.ts";
import { type Server, startServer } from "../src/server/server.ts";
import { connect } from "../src/transport/open.ts";
import { beforeExit, run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { parseCommandLine } from "./command_line.ts";
import { demoClusterLine } from "./demo_flags.ts";
import { CommandError, Status } from "./status.ts";

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number, text: string) => colour ? `\x1b[${code}m${text}\x1b[0m` : text;
const say = (text = "") => process.stdout.write(`${text}\n`);
const title = (text: string) => say(`\n${paint(1, text)}`);

/** Waits until a condition holds, at most 20 s. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (const end = performance.now() + 20_000; !holds();) {
    if (performance.now() > end) throw new CommandError(Status.timedOut, `Cannot show it: ${what} takes over 20 s`);
    await new Promise((resume) => setTimeout(resume, 20));
  }
}

/** Starts a NATS server on a free port, or on that of the one before. */
async function startNats(folder: string, port = "-1"): Promise<{ child: ChildProcess; port: string }> {
  const args = ["-a", "127.0.0.1", "-p", port, "-js", "-sd", folder];
  const { PATH } = process.env;
  const env: Record<string, string> = PATH === undefined ? {} : { PATH };
  const child = spawn("nats-server", args, { stdio: ["ignore", "ignore", "pipe"], env });
  let log = "";
  child.stderr!.on("data", (bytes) => log += bytes);
  let failure: Error | undefined;
  child.on("error", (error) => failure = error);
  const found = () => /client connections on 127\.0\.0\.1:(\d+)[^]*Server is ready/.exec(log)?.[1];
  await until(() => failure !== undefined || child.exitCode !== null || found() !== undefined, "the start of NATS");
  if (found() === undefined) {
    const found = failure === undefined ? `nats-server ended: ${log.trim()}` : "no nats-server is here";
    throw new CommandError(Status.failed, `Cannot show a cluster: ${found}; expected one (Debian: nats-server)`);
  }
  return { child, port: found()! };
}

/** One server of the cluster, with its own connection to NATS. */
interface Node {
  readonly nats: Nats;
  readonly room: ClusterRoom;
  readonly users: ClusterUserStore;
  readonly server: Server;
}

async function startNode(url: string): Promise<Node> {
  const nats = await openNats({ url });
  const room = await ClusterRoom.open(nats, { signs: 300 });
  const users = await ClusterUserStore.open(nats);
  const server = await startServer({ port: 0, service: ({ name, lines }) => chat(room, { name, lines }) });
  return { nats, room, users, server };
}

/** A member of the chat, over TCP. */
async function member(name: string, number: number, { server }: Node, isShown = false) {
  const connection = await connect({ port: server.address.port });
  const heard: string[] = [];
  const writer = connection.writable.getWriter();
  const send = (text: string) => writer.write(new TextEncoder().encode(`${text}\n`));
  const reading = connection.readable.pipeThrough(lines().decoder).pipeTo(
    new WritableStream<string>({
      write(line) {
        heard.push(line);
        if (isShown) say(`  ${paint(36, `${name}, at server ${number}, hears`)}  ${line}`);
      },
    }),
  ).catch(() => {}); // the server was killed
  await send(name);
  await until(() => heard.length > 0, `the joining of ${name}`);
  return {
    heard,
    send,
    has: (text: string) => until(() => heard.some((line) => line.includes(text)), `"${text}" at ${name}`),
    async leave() {
      await send("exit");
      await reading;
    },
  };
}

await run("demo:cluster", async () => {
  parseCommandLine(
    demoClusterLine,
    process.argv.slice(2),
  );
  onSignals();
  const folder = await mkdtemp(join(tmpdir(), "echopipe-demo-"));
  let nats: { child: ChildProcess; port: string } | undefined;
  beforeExit(async () => {
    nats?.child.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  title("1. NATS, and three servers: one chat room, one set of users");
  nats = await startNats(folder);
  const url = `nats://127.0.0.1:${nats.port}`;
  const nodes = [await startNode(url), await startNode(url), await startNode(url)];
  nodes.forEach(({ server }, i) => say(`  server ${i + 1} listens on port ${server.address.port}, cluster ${url}`));

  title("2. Members at each server hear the same, in one order");
  const anna = await member("anna", 1, nodes[0], true);
  const bert = await member("bert", 2, nodes[1]);
  const cleo = await member("cleo", 3, nodes[2]);
  await Promise.all([anna, bert, cleo].map(({ send }, i) => send(`hello from server ${i + 1}`)));
  await Promise.all([anna, bert, cleo].map(({ has }) => Promise.all([1, 2, 3].map((i) => has(`from server ${i}`)))));
  const order = ({ heard }: typeof anna) => heard.filter((line) => line.includes("from server")).join();
  if (new Set([anna, bert, cleo].map(order)).size !== 1) throw new CommandError(Status.failed, "The orders differ");

  title("3. A name that is asked for at two servers at once goes to one");
  const answers = await Promise.all([nodes[0], nodes[1]].map(({ room }) => room.join("zoe", () => {})));
  answers.forEach((answer, i) => say(`  server ${i + 1}: ${"text" in answer ? answer.text : "Welcome, zoe"}`));
  for (const answer of answers) if ("leave" in answer) answer.leave();
  await anna.has("zoe left");

  title("4. A user who registers at one server is known at the others");
  await nodes[0].users.create(newUser("dora"));
  let known: string | undefined;
  while ((known = (await nodes[1].users.get("Dora"))?.user.name) === undefined) {
    await new Promise((resume) => setTimeout(resume, 5));
  }
  say(`  server 2 knows ${known}`);

  title("5. Server 3 dies: its member is lost, and its name is free");
  await nodes[2].nats.connection.close(); // no word to anybody, as from a process that is killed
  await anna.has("cleo is gone");

  title("6. NATS is killed, and comes back");
  nats.child.kill("SIGKILL");
  await once(nats.child, "exit");
  await anna.has("cannot be reached");
  nats = await startNats(folder, nats.port);
  await Promise.all([anna, bert].map(({ has }) => has("servers are back")));
  await bert.send("here we are again");
  await anna.has("bert: here we are again");

  await Promise.all([anna.leave(), bert.leave()]);
  for (const { server, room, users, nats } of nodes) {
    await server.stop("the demo is over");
    await Promise.all([room[Symbol.asyncDispose](), users[Symbol.asyncDispose]()]);
    await nats[Symbol.asyncDispose]();
  }
  say(`\n${paint(1, "Three servers were one.")} Next: docs/cluster.md`);
  return Status.done;
});
