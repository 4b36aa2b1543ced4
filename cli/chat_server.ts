/**
 * `deno task chat:server`: the chat over UDP, and over TCP if asked to.
 *
 * @module
 */
import process from "node:process";
import { clusterOptions } from "./cluster_flags.ts";
import { beforeExit, printError, run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { chatServerLine, type ChatServerValues } from "./chat_server_flags.ts";
import { parseCommandLine } from "./command_line.ts";
import type { ServedClient } from "../src/server/services.ts";
import { Status } from "./status.ts";

await run("chat:server", async () => {
  const parsed = parseCommandLine<ChatServerValues>(chatServerLine, process.argv.slice(2));
  const { values } = parsed;
  const nats = clusterOptions(values);
  onSignals();
  const { askForAddress } = await import("./ask.ts");
  await askForAddress(parsed, { question: "Address to listen on", minPort: 0 });
  const [{ openLog }, { Room }, { serveChat }, { openChatPort }, { formatAddress }] = await Promise.all([
    import("./log.ts"),
    import("../src/chat/room/room.ts"),
    import("../src/chat/udp/server.ts"),
    import("./chat_port.ts"),
    import("../src/runtime/socket.ts"),
  ]);
  const log = await openLog("chat", values);
  beforeExit(() => log.close());
  const began = performance.now();
  log.record("info", "server.started", `Chat server started: at most ${values.members} members`, {
    members: values.members,
  });
  const cluster = nats === undefined ? undefined : await (await import("./cluster.ts")).joinCluster(nats, log);
  if (cluster !== undefined) beforeExit(() => cluster.close());
  const room = await cluster?.room(values.members) ?? new Room(values);
  const chat = serveChat(await openChatPort(values, log), room, { log, sessions: 2 * values.members + 64 });
  const tcp = values.tcpPort === undefined ? undefined : await serveTcp(values, values.tcpPort, room, log);
  let stopping: Promise<unknown> | undefined;
  let reason = "asked to";
  const stop = (why: string) => {
    if (stopping !== undefined) return;
    reason = why;
    stopping = Promise.all([chat.stop(), tcp?.stop(why)]);
  };
  onSignals(stop);
  const address = formatAddress(chat.address);
  log.record("info", "server.listening", `Chat server listens on ${address} (UDP)`, { address });
  process.stdout.write(`listening on ${address}\n`);
  if (tcp !== undefined) printError(`chat:server: TCP on ${formatAddress(tcp.address)}`);
  const { onTypedStop } = await import("./typed_stop.ts");
  onTypedStop(() => stop("stop typed at the terminal"));
  if (tcp !== undefined) void tcp.stopped.then(() => stop("stop from a client"));
  await chat.stopped;
  await stopping;
  await cluster?.close();
  log.record("info", "server.stopped", `Chat server stopped: ${reason}`, {
    reason,
    duration_ms: Math.round(performance.now() - began),
  });
  return Status.done;
});

/** Serves the room over TCP as well. */
async function serveTcp(
  { host, strictPort }: ChatServerValues,
  port: number,
  room: import("../src/chat/room/room.ts").ChatRoom,
  log: import("../src/service_log.ts").ServiceLog,
) {
  const [{ startServer }, { chat }] = await Promise.all([
    import("../src/server/server.ts"),
    import("../src/chat/room/chat.ts"),
  ]);
  const service = ({ name, lines }: ServedClient) => chat(room, { name, lines });
  const options = {
    host,
    port,
    strictPort: strictPort ?? false,
    allowStop: "loopback",
    service,
    page: "chat",
  } as const;
  return await startServer(options, log);
}
