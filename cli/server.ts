/**
 * `deno task server`: the echo server.
 *
 * @module
 */
import process from "node:process";
import { EchopipeError, messageOf } from "../src/errors.ts";
import { addressText, checkUnix } from "./common_flags.ts";
import { parseCommandLine, type Parsed } from "./command_line.ts";
import { clusterOptions } from "./cluster_flags.ts";
import { beforeExit, printError, run } from "./command.ts";
import { withinDescriptorLimit } from "./descriptor_limit.ts";
import { onHangup, onSignals } from "./signals.ts";
import type { Server } from "../src/server/server.ts";
import { count, type ServiceLog } from "../src/service_log.ts";
import { CommandError, Status } from "./status.ts";
import { readText } from "./text_file.ts";
import type { Service, ServiceName } from "../src/server/services.ts";
import { accessModes, framings, serverLine, type ServerValues, services } from "./server_flags.ts";
import { familyOptions } from "./family_flags.ts";

await run("server", async () => {
  const parsed = parseCommandLine<ServerValues>(serverLine, process.argv.slice(2));
  const { values } = parsed;
  checkUnix(parsed);
  const tls = readCertificate(values);
  const nats = clusterOptions(values);
  if (nats !== undefined && values.access !== "open" && parsed.origin("users") !== "default") {
    throw new CommandError(
      Status.usage,
      `Cannot use --users with --cluster: NATS keeps the users; expected one of them`,
    );
  }
  onSignals();
  const { askForAddress } = await import("./ask.ts");
  if (values.unix === undefined) {
    await askForAddress(parsed, { question: "Address to listen on", check: checkAddress, minPort: 0 });
  }
  if (values.configure) await askForService(parsed);
  // Imported late: --help, --version and a wrong flag need none of it.
  const [{ openLog }, { startServer }] = await Promise.all([import("./log.ts"), import("../src/server/server.ts")]);
  const log = await openLog("server", values);
  beforeExit(() => log.close());
  checkChat(values, nats !== undefined);
  const cluster = nats === undefined ? undefined : await (await import("./cluster.ts")).clusterParts(nats, values, log);
  if (cluster !== undefined) beforeExit(() => cluster.close());
  const service = cluster?.service ?? await chosenService(values);
  const maxConnections = withinDescriptorLimit(values.maxConnections);
  const server = await startServer({
    ...values,
    ...familyOptions(values),
    path: values.unix,
    users: cluster?.users ?? values.users,
    strictPort: values.strictPort ?? false,
    allowStop: values.allowStop ?? (values.access === "password" ? "admins" : "loopback"),
    maxConnections,
    tls,
    admins: values.admin,
    service,
    page: values.service === "chat" ? "chat" : undefined,
    workerParts: cluster?.workerParts,
  }, log).catch((error) => {
    log.record("error", "server.failed", messageOf(error));
    throw explained(error);
  });
  onSignals((signal) => {
    if (process.stderr.isTTY && server.connections > 0) printError(stopping(server.connections));
    void server.stop(signal);
  });
  onHangup(() => void reload(server, values, log));
  if (values.access === "password" && values.insecurePlaintext && !tls) {
    printError("server: passwords travel unencrypted: TLS is off (--insecure-plaintext)");
  }
  const { formatAddress } = await import("../src/runtime/socket.ts");
  process.stdout.write(`listening on ${formatAddress(server.address)}\n`);
  if (values.unix === undefined && values.port !== 0 && server.address.port !== values.port) {
    printError(`Port ${values.port} is in use, listening on ${server.address.port} instead`);
  }
  const { onTypedStop, STOP_HINT } = await import("./typed_stop.ts");
  if (process.stdin.isTTY && process.stderr.isTTY) printError(STOP_HINT);
  onTypedStop(() => void server.stop("stop typed at the terminal"));
  await server.stopped;
  await cluster?.close();
  if (server.failure !== undefined) throw server.failure;
  return Status.done;
});

/** Reads the certificate again, and has the server take it. A failure leaves everything as it was. */
async function reload(server: Server, values: ServerValues, log: ServiceLog): Promise<void> {
  try {
    await server.reload({ tls: readCertificate(values) });
  } catch (error) {
    log.record("error", "reload.failed", messageOf(error));
    printError(`server: ${messageOf(error)}; the server goes on as it was`);
  }
}

/** The message at a signal, while the server drains. */
function stopping(connections: number): string {
  return `Stopping: waits up to 5 s for ${count(connections, "connection")} to end; Ctrl-C ends them at once`;
}

/** Asks for framing, access and service, where neither a flag nor the environment gave them. */
async function askForService({ values, origin }: Parsed<ServerValues>): Promise<void> {
  const { askChoice, canAsk } = await import("./ask.ts");
  if (values.yes || !canAsk()) return;
  if (origin("framing") === "default") values.framing = await askChoice("Framing", values.framing, framings);
  if (origin("access") === "default") values.access = await askChoice("Access", values.access, accessModes);
  if (origin("service") === "default") values.service = await askChoice("Service", values.service, services);
}

/** Checks that the chat goes with the other flags. */
function checkChat({ service, framing, workers, udp }: ServerValues, clustered: boolean): void {
  if (service !== "chat") return;
  const refuse = (what: string, why: string) =>
    new CommandError(Status.usage, `Cannot use --service chat with ${what}: ${why}`);
  if (framing === "raw") throw refuse("--framing raw", "chat needs text messages; expected auto, message or line");
  if (workers !== 1 && !clustered) {
    throw refuse(`--workers ${workers}`, "one thread keeps the room; expected --workers 1, or --cluster");
  }
  if (udp) {
    throw refuse("--udp", "expected echo, discard, chargen or daytime; deno task chat:server is a chat over UDP");
  }
}

/** The service of the flags. */
async function chosenService({ service }: ServerValues): Promise<ServiceName | Service> {
  if (service !== "chat") return service;
  const [{ Room }, { chat }] = await Promise.all([
    import("../src/chat/room/room.ts"),
    import("../src/chat/room/chat.ts"),
  ]);
  const room = new Room();
  return ({ name, lines }) => chat(room, { name, lines });
}

/** Reads the certificate and its key; undefined: no TLS. */
function readCertificate({ tlsCert, tlsKey }: ServerValues): { cert: string; key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    const [given, missing] = tlsKey === undefined ? ["--tls-cert", "--tls-key"] : ["--tls-key", "--tls-cert"];
    throw new CommandError(Status.usage, `Cannot use ${given} alone: expected ${missing}`);
  }
  return { cert: readText("--tls-cert", tlsCert), key: readText("--tls-key", tlsKey) };
}

/** Checks that the address can be listened on, by doing so for a moment. */
async function checkAddress(host: string): Promise<void> {
  const { transport } = await import("../src/runtime/mod.ts");
  try {
    const listener = await (await transport()).listen({ host: addressText(host), port: 0 }, {
      connection: (peer) => peer.close(),
      error() {},
    });
    await listener.close();
  } catch (error) {
    throw explained(error);
  }
}

/** Gives a failure to listen its exit status and advice. */
function explained(error: unknown): unknown {
  if (!(error instanceof EchopipeError)) return error;
  switch (error.code) {
    case "address-not-available":
    case "host-not-found":
      return new CommandError(
        Status.failed,
        `${error.message}; expected 127.0.0.1 (this machine only), 0.0.0.0 or :: (every network) or an address of this machine`,
        error,
      );
    case "address-in-use":
      return new CommandError(
        Status.portInUse,
        error.message.includes("unix:") ? error.message : `${error.message}; expected a free port, or 0 for any`,
        error,
      );
    case "invalid-argument":
      return new CommandError(Status.usage, error.message, error);
    default:
      return error;
  }
}
