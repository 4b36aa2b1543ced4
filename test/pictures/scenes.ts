/**
 * The pictures: each a run of the commands on terminals, with real servers and real clients.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { Pane } from "./pane.ts";
import { Steady } from "./steady.ts";
import { type Drawn, svg } from "./svg.ts";

/** Draws one picture. */
export type Scene = () => Promise<string>;

const quiet = ["--log-to", "none"];

/** The port that a server on a terminal says it listens on. */
async function portOf(server: Running): Promise<number> {
  const [, port] = await server.until(() => /listening on \S+:(\d+)/.exec(server.stdout.toString()), "listening line");
  return Number(port);
}

/** Draws panes one by one: what is random gets its steady value in their order. */
async function draw(about: string, panes: readonly (readonly Pane[])[], steady: Steady): Promise<string> {
  const drawn: Drawn[][] = [];
  for (const beside of panes) {
    const row: Drawn[] = [];
    for (const pane of beside) row.push(await pane.drawn(steady));
    drawn.push(row);
  }
  return svg(about, drawn);
}

/** A server, a dialogue, and a file. */
async function echo(): Promise<string> {
  await using folder = await temporaryFolder();
  const photo = folder.file("photo.jpg");
  await writeFile(photo, new Uint8Array(20_000_000).map((_, i) => i * i));
  const server = new Pane("a server", 116);
  const client = new Pane("a client, in another terminal", 116);
  const running = server.run("deno task server --yes", "server", ["--yes", "--port", "0", ...quiet]);
  const port = await portOf(running);
  const to = ["--yes", "--port", String(port), ...quiet];
  const talk = client.run("deno task client --yes", "client", to);
  await client.sees(/> $/);
  for (const line of ["Hello, echo", "Grüße, 你好", "exit"]) {
    const from = talk.stdout.length;
    client.keys(`${line}\r`);
    await client.sees(line === "exit" ? /Goodbye/ : new RegExp(`${line}\\s+${line}\\s+> $`), from);
  }
  await talk.ended;
  const file = client.run("deno task client photo.jpg > back.jpg", "client", [photo, ...to], {
    wrapper: ["sh", "-c", 'exec "$@" > "$0"', folder.file("back.jpg")],
  });
  await file.ended;
  server.keys("stop\r");
  await running.ended;
  return await draw("An echo server and its client", [[server], [client]], new Steady({ [port]: 9090 }));
}

/** All of the demo. */
async function demo(): Promise<string> {
  const pane = new Pane("deno task demo", 136);
  await pane.run("deno task demo", "demo", []).ended;
  return await draw("A server, a dialogue, and a file through the pipe", [[pane]], new Steady({}));
}

/** The prompts of the server, with a wrong answer. */
async function prompts(): Promise<string> {
  await using folder = await temporaryFolder();
  const pane = new Pane("the server asks, and explains what is wrong", 80);
  const server = pane.run("deno task server", "server", ["--log-file", folder.file("server.log")]);
  await pane.sees(/Address to listen on/);
  pane.keys("\r");
  await pane.sees(/Port \(9090\)/);
  pane.keys("70000\r");
  await pane.sees(/Expected an integer from 0 to 65535[^]*Port \(9090\)/);
  pane.keys("0\r");
  const port = await portOf(server);
  await pane.sees(/listening on[^]*stop/);
  pane.keys("stop\r");
  await server.ended;
  return await draw("Address and port are asked for", [[pane]], new Steady({ [port]: 43117 }));
}

/** The log file of a server, after a client and a stop. */
async function log(): Promise<string> {
  await using folder = await temporaryFolder();
  const port = await (async () => {
    await using server = await startServerCommand(folder.path);
    const client = new Pane("client", 80);
    const running = client.run("", "client", ["--yes", "--port", String(server.at), ...quiet]);
    await client.sees(/> $/);
    client.keys("Hello\r");
    await client.sees(/Hello\s+Hello/);
    client.keys("stop\r");
    await running.ended;
    await server.ended;
    return server.at;
  })();
  const pane = new Pane("the log file", 146);
  pane.type("cat logs/server.log");
  pane.show(await readFile(folder.file("server.log"), "utf8"));
  return await draw("Service messages in the log file", [[pane]], new Steady({ [port]: 9090 }));
}

/** A client that is asked for its name, and one that is known by its address. */
async function identify(): Promise<string> {
  await using folder = await temporaryFolder();
  const users = folder.file("users.json");
  await using server = await startServerCommand(folder.path, ["--access", "identify", "--users", users]);
  const to = ["--yes", "--port", String(server.at), "--session-file", folder.file("sessions.json"), ...quiet];
  const pane = new Pane("a client of a server with --access identify", 80);
  for (const first of [true, false]) {
    const client = pane.run("deno task client --yes", "client", to);
    if (first) {
      await pane.sees(/name\?/);
      pane.keys("Anna\r");
    }
    await pane.sees(/> $/);
    const from = client.stdout.length;
    pane.keys("Hello\r");
    await pane.sees(/Hello\s+Hello\s+> $/, from);
    pane.keys("exit\r");
    await client.ended;
  }
  return await draw("Asked for a name once, then greeted by it", [[pane]], new Steady({ [server.at]: 9090 }));
}

/** A registration at a prompt, and what the server keeps of it. */
async function register(): Promise<string> {
  await using folder = await temporaryFolder();
  const users = folder.file("users.json");
  await using server = await startServerCommand(folder.path, ["--access", "password", "--users", users]);
  const to = ["--yes", "--port", String(server.at), "--session-file", folder.file("sessions.json"), ...quiet];
  const client = new Pane("a client of a server with --access password", 126);
  const running = client.run("deno task client --yes", "client", to);
  await client.sees(/name\?/);
  client.keys("anna\r");
  await client.sees(/assword/);
  client.keys("a long walk home\r");
  await client.sees(/epeat/);
  client.keys("a long walk home\r");
  await client.sees(/> $/);
  client.keys("exit\r");
  await running.ended;
  const kept = new Pane("what the server keeps", 126);
  kept.type("cat users.json");
  kept.show(await readFile(users, "utf8"));
  return await draw("A registration, and users.json", [[client], [kept]], new Steady({ [server.at]: 9090 }));
}

/** Three members of the chat. */
async function chat(): Promise<string> {
  const server = new Pane("server", 80);
  const serving = server.run("", "chat:server", ["--yes", "--port", "0", ...quiet]);
  const port = await portOf(serving);
  const names = ["anna", "boris", "你好"];
  const panes = names.map((name) => new Pane(name, 58));
  const running: Running[] = [];
  for (const [i, name] of names.entries()) {
    const args = ["--yes", "--port", String(port), "--name", name, ...quiet];
    running.push(panes[i].run(`deno task chat --name ${name}`, "chat", args));
    await panes[i].sees(/Welcome[^]*> $/);
    for (const earlier of panes.slice(0, i)) await earlier.sees(new RegExp(`${name} joined`));
  }
  const said = ["Hello, everybody", "hi anna, I am boris", "Grüße"];
  for (const [i, text] of said.entries()) {
    panes[i].keys(`${text}\r`);
    for (const [j, pane] of panes.entries()) if (j !== i) await pane.sees(new RegExp(`${names[i]}: ${text}`));
  }
  panes[1].keys("exit\r");
  await running[1].ended;
  for (const pane of [panes[0], panes[2]]) await pane.sees(/boris left/);
  panes[0].keys("exit\r");
  await running[0].ended;
  await panes[2].sees(/anna left/);
  panes[2].keys("exit\r");
  await running[2].ended;
  await serving.stop();
  return await draw("Three members of the chat over UDP", [panes], new Steady({ [port]: 9091 }));
}

/** verify, against the pipeline that everybody writes first. */
async function verify(): Promise<string> {
  const program = fileURLToPath(new URL("../verify/others/deno_chunker.ts", import.meta.url));
  const obvious = spawn(process.execPath, ["run", "--quiet", "--allow-net", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(obvious, "exit");
  const [said] = await once(obvious.stdout, "data");
  const port = Number(/:(\d+)\n/.exec(String(said))![1]);
  const pane = new Pane("verify asks the pipeline that everybody writes first", 138);
  const id = "ending/half-close";
  const asked = pane.run(`deno task verify 127.0.0.1:9090 ${id}`, "verify", [`127.0.0.1:${port}`, id]);
  await asked.ended;
  obvious.kill();
  await ended;
  return await draw("verify finds lost bytes", [[pane]], new Steady({ [port]: 9090 }));
}

/** load, with a line a second and the table at its end. */
async function load(): Promise<string> {
  await using folder = await temporaryFolder();
  await using server = await startServerCommand(folder.path);
  const pane = new Pane("load, on our server", 120);
  const flags = ["--peers", "20", "--rate", "500", "--duration", "3"];
  const typed = `deno task load 127.0.0.1:9090 ${flags.join(" ")}`;
  await pane.run(typed, "load", [`127.0.0.1:${server.at}`, ...flags]).ended;
  return await draw("load shows rate and latency", [[pane]], new Steady({ [server.at]: 9090 }));
}

/** All pictures, by the names of their files. */
export const scenes: Readonly<Record<string, Scene>> = {
  echo,
  demo,
  prompts,
  log,
  identify,
  register,
  chat,
  verify,
  load,
};
