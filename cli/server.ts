/**
 * `deno task server`: the echo server.
 *
 * @module
 */
import process from "node:process";
import { EchopipeError, messageOf } from "../src/errors.ts";
import { addressFlags, addressText, logFlags, type LogValues, yesFlag } from "./common_flags.ts";
import { type Flag, integerFrom, parseCommandLine, someText } from "./flags.ts";
import { beforeExit, printError, run } from "./command.ts";
import { onSignals } from "./signals.ts";
import { CommandError, Status } from "./status.ts";
import { readText } from "./text_file.ts";
import type { FramingName, Service } from "../src/server/options.ts";

interface Values extends LogValues {
  host: string;
  port: number;
  strictPort?: boolean;
  framing: FramingName;
  service: "echo" | "chat";
  access: "open" | "identify" | "password";
  admin?: string[];
  allowStop?: "loopback" | "admins" | "none";
  users: string;
  registration: "open" | "closed";
  loginTimeout: number;
  insecurePlaintext?: boolean;
  chunkSize: number;
  workers: number | "auto";
  maxConnections: number;
  idleTimeout: number;
  tlsCert?: string;
  tlsKey?: string;
  yes?: boolean;
}

const flags: readonly Flag[] = [
  ...addressFlags("127.0.0.1", 9090, 0, "listen on"),
  { flags: "--strict-port", meaning: "a port in use is an error, instead of moving on to the next free one" },
  {
    flags: "--framing <NAME>",
    meaning: "how messages are told apart",
    choices: ["auto", "message", "line", "raw"],
    fallback: "auto",
  },
  { flags: "--service <NAME>", meaning: "what becomes of messages", choices: ["echo", "chat"], fallback: "echo" },
  { flags: "--access <WHO>", meaning: "who may use it", choices: ["open", "identify", "password"], fallback: "open" },
  {
    flags: "--admin <NAME>",
    meaning: "may send stop under --access password; repeatable",
    parse: someText,
    repeatable: true,
  },
  {
    flags: "--allow-stop <WHOM>",
    meaning: "from whom the network may send stop (default: admins under --access password, else loopback)",
    choices: ["loopback", "admins", "none"],
  },
  {
    flags: "--users <FILE>",
    meaning: "names, addresses, password hashes, session digests",
    fallback: "users.json",
    parse: someText,
  },
  {
    flags: "--registration <WHETHER>",
    meaning: "whether unknown names may register under --access password",
    choices: ["open", "closed"],
    fallback: "open",
  },
  {
    flags: "--login-timeout <SECONDS>",
    meaning: "a client that takes longer for an answer of its login is turned away",
    fallback: 120,
    parse: integerFrom(1, 3600),
  },
  { flags: "--insecure-plaintext", meaning: "let passwords travel networks without TLS" },
  {
    flags: "--chunk-size <BYTES>",
    meaning: "largest chunk a handler sees",
    fallback: 1024,
    parse: integerFrom(1, 1 << 24),
  },
  {
    flags: "--workers <N>",
    meaning: "threads that share the port, 1 to 64; auto: as many as there are cores",
    fallback: 1,
    parse: integerFrom(1, 64, "auto"),
  },
  {
    flags: "--max-connections <N>",
    meaning: "beyond it a new client is closed at once",
    fallback: 10_000,
    parse: integerFrom(1, 1_000_000),
  },
  {
    flags: "--idle-timeout <SECONDS>",
    meaning: "a silent connection is closed; 0: never",
    fallback: 0,
    parse: integerFrom(0, 31_536_000),
  },
  { flags: "--tls-cert <FILE>", meaning: "certificate chain, PEM: serve TLS", parse: someText },
  { flags: "--tls-key <FILE>", meaning: "its private key, PEM", parse: someText },
  ...logFlags("logs/server.log"),
  yesFlag,
];

await run("server", async () => {
  const parsed = parseCommandLine<Values>(
    { name: "deno task server", summary: "An echo server.", flags },
    process.argv.slice(2),
  );
  const { values } = parsed;
  const tls = readCertificate(values);
  onSignals();
  const { askForAddress } = await import("./ask.ts");
  await askForAddress(parsed, { question: "Address to listen on", check: checkAddress, leastPort: 0 });
  // Loaded only now: --help, --version and a wrong flag need none of it.
  const [{ openLog }, { startServer }] = await Promise.all([import("./log.ts"), import("../src/server/server.ts")]);
  const log = await openLog("server", values);
  beforeExit(() => log.close());
  const service = await chosenService(values);
  const server = await startServer({ ...values, tls, admins: values.admin, service }, log).catch((error) => {
    log.record("error", "server.failed", messageOf(error));
    throw explained(error);
  });
  onSignals((signal) => void server.stop(signal));
  if (values.access === "password" && values.insecurePlaintext && !tls) {
    printError("server: passwords travel unencrypted: TLS is off (--insecure-plaintext)");
  }
  const { formatAddress } = await import("../src/runtime/socket.ts");
  process.stdout.write(`listening on ${formatAddress(server.address)}\n`);
  const { onTypedStop } = await import("./typed_stop.ts");
  onTypedStop(() => void server.stop("stop typed at the terminal"));
  await server.stopped;
  if (server.failure !== undefined) throw server.failure;
  return Status.done;
});

/** The handler that the flags ask for; undefined: echo. */
async function chosenService({ service, framing, workers }: Values): Promise<Service | undefined> {
  if (service === "echo") return undefined;
  if (framing === "raw") {
    throw new CommandError(Status.usage, `Cannot use --service chat with --framing raw: it has no texts to say`);
  }
  if (workers !== 1) {
    throw new CommandError(
      Status.usage,
      `Cannot use --service chat with --workers ${workers}: one thread keeps the room; expected --workers 1`,
    );
  }
  const [{ Room }, { chat }] = await Promise.all([import("../src/chat/room.ts"), import("../src/chat/chat_stage.ts")]);
  const room = new Room();
  return ({ name, lines }) => chat(room, { name, lines });
}

/** The certificate and its key from their files; undefined: no TLS. */
function readCertificate({ tlsCert, tlsKey }: Values): { cert: string; key: string } | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    const [given, missing] = tlsKey === undefined ? ["--tls-cert", "--tls-key"] : ["--tls-key", "--tls-cert"];
    throw new CommandError(Status.usage, `Cannot use ${given} alone: expected ${missing}`);
  }
  return { cert: readText("--tls-cert", tlsCert), key: readText("--tls-key", tlsKey) };
}

/** Whether the address can be listened on: found out by doing so, for a moment. */
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

/** A failure to listen, with the exit status and the advice that belong to it. */
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
      return new CommandError(Status.portInUse, `${error.message}; expected a free port, or 0 for any`, error);
    case "invalid-argument":
      return new CommandError(Status.usage, error.message, error);
    default:
      return error;
  }
}
