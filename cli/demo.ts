/**
 * `deno task demo`: server, dialogue and bulk echo in one command.
 *
 * @module
 */
import { basename } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bulkEcho } from "../src/client/bulk.ts";
import { Dialogue } from "../src/client/dialogue.ts";
import { startServer } from "../src/server/server.ts";
import { count, type ServiceLog } from "../src/service_log.ts";
import { connect } from "../src/transport/open.ts";
import { formatAddress } from "../src/runtime/socket.ts";
import { run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { summary } from "./client_bulk.ts";
import { fileSource } from "./input_file.ts";
import { typedCommand } from "./command_name.ts";
import { parseCommandLine } from "./command_line.ts";
import { demoLine } from "./demo_flags.ts";
import { CommandError, Status } from "./status.ts";

const colour = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code: number, text: string) => colour ? `\x1b[${code}m${text}\x1b[0m` : text;
const say = (text = "") => process.stdout.write(`${text}\n`);
const title = (text: string) => say(`\n${paint(1, text)}`);

/** Shows the service messages of one side. */
function shown(side: string, code: number): ServiceLog {
  return { record: (_level, event, message) => say(`  ${paint(code, side)} ${paint(2, event.padEnd(20))} ${message}`) };
}

const [serverLog, clientLog] = [shown("server", 36), shown("client", 33)];

/** A client of the demo: connects, works, and says what a client's log says. */
async function withClient(port: number, work: (connection: Awaited<ReturnType<typeof connect>>) => Promise<void>) {
  const connection = await connect({ port });
  const peer = formatAddress(connection.remote);
  clientLog.record("info", "connected", `Connected to ${peer} from ${formatAddress(connection.local)}`);
  await work(connection);
  await connection.finish();
  clientLog.record("info", "disconnected", `Disconnected from ${peer}`);
}

/** Sends lines, each when the one before has come back. */
async function dialogue(port: number, lines: readonly string[]): Promise<void> {
  await withClient(port, async (connection) => {
    let came = Promise.withResolvers<void>();
    const decoder = new TextDecoder();
    const talk = new Dialogue(connection, "message", {
      received(bytes, last) {
        say(`  ${paint(32, "echo  ")} ${decoder.decode(bytes)}`);
        clientLog.record("info", "data.received", `Received ${count(bytes.length, "byte")}`);
        if (last) came.resolve();
      },
      farewell: (text) => say(`  ${paint(32, "server")} says: ${text}`),
    });
    await talk.greet();
    for (const line of lines) {
      say(`  ${paint(35, "typed ")} ${line}`);
      const bytes = await talk.send(line);
      clientLog.record("info", "data.sent", `Sent ${count(bytes, "byte")}`);
      if (line === "exit") break;
      await came.promise;
      came = Promise.withResolvers();
    }
    await talk.ended;
  });
}

/** Sends a file through the server, and compares what comes back byte by byte. */
async function bulk(port: number, path: string): Promise<void> {
  const sent = await fileSource(path);
  const expected = await fileSource(path);
  let differs = false;
  let rest = new Uint8Array(0);
  const compare = {
    async write(bytes: Uint8Array) {
      for (let at = 0; at < bytes.length;) {
        if (rest.length === 0) rest = (await expected.source.read() ?? new Uint8Array(0)).slice();
        if (rest.length === 0) return void (differs = true);
        const length = Math.min(rest.length, bytes.length - at);
        for (let i = 0; i < length; i++) differs ||= rest[i] !== bytes[at + i];
        rest = rest.subarray(length);
        at += length;
      }
    },
    endWrite: () => Promise.resolve(),
    abort() {},
  };
  await withClient(port, async (connection) => {
    const result = await bulkEcho(connection, sent.source, compare);
    await expected.source.abort();
    clientLog.record("info", "data.sent", `Sent ${count(result.sent, "byte")}`);
    clientLog.record("info", "data.received", `Received ${count(result.received, "byte")}`);
    say(`  ${paint(32, "digest")} ${summary(result)}`);
    if (!result.matched || differs) throw new CommandError(Status.echoDiffers, "The echo of the file differed");
  });
}

await run("demo", async () => {
  parseCommandLine(demoLine, process.argv.slice(2));
  onSignals();
  title("1. A server, on a free port");
  const server = await startServer({ port: 0 }, serverLog);
  const { port } = server.address;

  title("2. A dialogue: what is typed comes back, exit ends it");
  await dialogue(port, ["Hello, echo", "Grüße, 你好", "exit"]);
  while (server.connections > 0) await new Promise((resume) => setTimeout(resume, 10)); // the server's last word on it

  const file = fileURLToPath(import.meta.url);
  title(`3. A file through the server and back: ${basename(file)}, the program of this demo`);
  await bulk(port, file);

  title("4. The server stops");
  await server.stop("the demo is over");
  say(
    `\n${paint(1, "All of it came back, byte for byte.")} Next: ${typedCommand("server")}, and ${
      typedCommand("client")
    } in another terminal.`,
  );
  return Status.done;
});
