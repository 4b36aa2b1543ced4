/**
 * The servers that `verify` is tried on: how each is started, and how it is asked.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../support/commands.ts";
import { authority, server as certificate } from "../../support/certificates.ts";

/** A server to be tried. */
export interface Other {
  /** In the table. */
  readonly name: string;
  /** The command, for a free port; it prints `listening on ADDRESS:PORT`, or else is ready once the port answers. */
  readonly command: (port: number) => readonly string[];
  /** The port, where it cannot be chosen. */
  readonly port?: number;
  /** Flags of verify. */
  readonly flags?: readonly string[];
  /** A program without which it is left out. */
  readonly needs?: string;
}

/** The tools and the folder for the configurations. */
export interface Tools {
  readonly folder: string;
  /** Node 24 or later. */
  readonly node: string;
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** True if a program can be started. */
export function isThere(program: string): boolean {
  return spawnSync("which", [program]).status === 0;
}

/** Writes a file of the folder; returns its path. */
function write(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text, { mode: 0o600 });
  return join(folder, name);
}

/** Ours, in every framing, and over TLS. */
function ours({ folder, node }: Tools): Other[] {
  const tls = [
    "--tls-cert",
    write(folder, "cert", certificate.cert),
    "--tls-key",
    write(folder, "key", certificate.key),
  ];
  const trust = ["--tls-ca", write(folder, "ca", authority)];
  const runtimes = [["Deno", commandLine("server")], ["Node", [node, "cli/server.ts"]]] as const;
  return runtimes.flatMap(([runtime, command]) => {
    const one = (name: string, flags: string[], verifyFlags: string[]): Other => ({
      name: `echopipe on ${runtime}, ${name}`,
      command: () => [...command, "--yes", "--port", "0", "--log-to", "none", ...flags],
      flags: verifyFlags,
    });
    return [
      one("`raw`, UDP too", ["--framing", "raw", "--udp"], ["--udp"]),
      one("`auto`", [], []),
      one("`auto`, lines", [], ["--framing", "line"]),
      one("`message`", ["--framing", "message"], ["--framing", "message"]),
      one("`raw`, TLS", ["--framing", "raw", ...tls], trust),
    ];
  });
}

/** inetd and xinetd, which take a configuration; their limits of new connections a minute are lifted. */
function superservers({ folder }: Tools): Other[] {
  // Its echo is that of the port's name in /etc/services: no other port has it.
  const inetd = () =>
    write(
      folder,
      "inetd.conf",
      ["stream tcp4 nowait", "dgram udp4 wait"].map((kind) => `127.0.0.1:echo ${kind} root internal\n`).join(""),
    );
  const service = (port: number, kind: "stream" | "dgram") =>
    `service echo
{
  type = INTERNAL UNLISTED
  id = echo-${kind}
  socket_type = ${kind}
  protocol = ${kind === "stream" ? "tcp" : "udp"}
  wait = ${kind === "stream" ? "no" : "yes"}
  user = root
  port = ${port}
  bind = 127.0.0.1
  instances = UNLIMITED
  cps = 100000 1
}
`;
  return [
    {
      name: "`xinetd`, its own echo",
      command: (port) => {
        const conf = write(folder, "xinetd.conf", service(port, "stream") + service(port, "dgram"));
        return ["xinetd", "-f", conf, "-dontfork", "-pidfile", join(folder, "xinetd.pid")];
      },
      flags: ["--udp"],
      needs: "xinetd",
    },
    {
      name: "`inetutils-inetd`, its own echo",
      port: 7,
      command: () => ["inetutils-inetd", "-d", "-R", "1000000", `--pidfile=${join(folder, "inetd.pid")}`, inetd()],
      flags: ["--udp"],
      needs: "inetutils-inetd",
    },
  ];
}

/** All servers. */
export function others(tools: Tools): Other[] {
  const { folder, node } = tools;
  const socat = (name: string, ...ends: string[]): Other => ({
    name: `\`socat ${name}\``,
    command: (port) => ["socat", ends[0].replace("PORT", String(port)), ends[1]],
    needs: "socat",
  });
  const deno = (path: string) => () => [Deno.execPath(), "run", "--allow-net", file(path)];
  return [
    ...ours(tools),
    { name: "C, epoll", command: () => [join(folder, "epoll_echo")], needs: "gcc" },
    ...superservers(tools),
    socat("TCP-LISTEN:…,fork EXEC:cat", "TCP-LISTEN:PORT,fork,reuseaddr,bind=127.0.0.1,backlog=1024", "EXEC:cat"),
    socat("TCP-LISTEN:…,fork PIPE", "TCP-LISTEN:PORT,fork,reuseaddr,bind=127.0.0.1,backlog=1024", "PIPE"),
    {
      name: "`ncat -l -k -e /bin/cat`",
      command: (port) => ["ncat", "-l", "127.0.0.1", String(port), "-k", "-m", "1000", "-e", "/bin/cat"],
      needs: "ncat",
    },
    { name: "Deno, `readable.pipeTo(writable)`", command: deno("../../bench/servers/deno_pipe.ts") },
    { name: "Deno, `readable.pipeThrough(chunker).pipeTo(writable)`", command: deno("./deno_chunker.ts") },
    { name: "Node, `socket.pipe(socket)`", command: () => [node, file("../../bench/servers/node_pipe.ts")] },
    ...[[], ["waits"], ["half-open"], ["half-open", "waits"]].map((words): Other => ({
      name: ["Node, `Duplex.toWeb`, chunker", ...words.map((word) => word === "waits" ? "that waits 1 ms" : word)].join(
        ", ",
      ),
      command: () => [node, file("./node_to_web.ts"), ...words],
    })),
  ];
}
