/** A NATS server of its own, in a temporary folder, on a free port. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { within } from "../support/deadline.ts";

/** The reason to skip tests that need NATS, or false. */
export const skip = spawnSync("nats-server", ["--version"]).status !== 0 && "no nats-server here (Debian: nats-server)";

if (skip) console.log(`skipped: ${skip}`); // Deno shows no reason

/** A running NATS server, with JetStream. */
export class NatsServer {
  readonly port: number;
  readonly #folder: string;
  readonly #arguments: string[] = [];
  #child: ChildProcess | undefined;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** Starts one on a free port; `files` are put beside what it stores, and one named `nats.conf` configures it. */
  static async start(files: Readonly<Record<string, string>> = {}): Promise<NatsServer> {
    const probe = net.createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as net.AddressInfo;
    await new Promise((resume) => probe.close(resume));
    const server = new NatsServer(port, await mkdtemp(join(tmpdir(), "echopipe-nats-")));
    for (const [name, text] of Object.entries(files)) await writeFile(server.file(name), text, { mode: 0o600 });
    if ("nats.conf" in files) server.#arguments.push("-c", server.file("nats.conf"));
    await server.up();
    return server;
  }

  /** The path of a file in its folder. */
  file(name: string): string {
    return join(this.#folder, name);
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts it, again after {@linkcode down}: what it stored is there. */
  async up(): Promise<void> {
    const listen = ["-a", "127.0.0.1", "-p", String(this.port), "-js", "-sd", join(this.#folder, "store")];
    this.#child = spawn("nats-server", [...listen, ...this.#arguments], { cwd: this.#folder, stdio: "ignore" });
    let open = false;
    const dial = () => {
      const socket = net.connect(this.port, "127.0.0.1", () => {
        open = true;
        socket.destroy();
      }).on("error", () => setTimeout(dial, 50));
    };
    dial();
    await within(() => open, "nats-server listens");
  }

  /** Kills it. */
  async down(): Promise<void> {
    const child = this.#child!;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  /** Removes all that it stored; for a server that is down. */
  async wipe(): Promise<void> {
    await rm(this.file("store"), { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
