/** The server behind Debian's HAProxy, by the configuration in deploy/. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import net from "node:net";
import { describe, test } from "node:test";
import { type ServerOptions, startServer } from "echopipe/server";
import { temporaryFolder } from "../support/commands.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";

const path = ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy"].find((path) => spawnSync(path, ["-v"]).status === 0);
const skip = path === undefined && "needs haproxy (Debian: apt-get install haproxy)";

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server and HAProxy in front of it; ends both. */
async function behindHaproxy(how: string, options: ServerOptions = {}) {
  const log = new KeptLog();
  const server = await startServer(
    { port: 0, proxyProtocol: true, framing: "raw", metrics: { port: 0 }, ...options },
    log,
  );
  const folder = await temporaryFolder();
  const port = await freePort();
  const metrics = String(log.values("metrics.listening", "address")[0]).split(":").at(-1);
  const example = await readFile(new URL("../../deploy/haproxy.cfg", import.meta.url), "utf8");
  const config = example.replace("bind 127.0.0.1:9090", `bind 127.0.0.1:${port}`)
    .replace("127.0.0.1:9190 send-proxy-v2", `127.0.0.1:${server.address.port} ${how}`)
    .replace("port 9100 inter 2s", `port ${metrics} inter 100ms`);
  await writeFile(folder.file("haproxy.cfg"), config);
  const haproxy: ChildProcess = spawn(path!, ["-db", "-f", folder.file("haproxy.cfg")], { stdio: "ignore" });
  const ended = new Promise((resolve) => haproxy.once("exit", resolve));
  return {
    log,
    server,
    port,
    async [Symbol.asyncDispose]() {
      haproxy.kill("SIGKILL");
      await ended;
      await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Sends bytes from an address, ends, and returns what comes back; undefined: it was closed or refused. */
function sendFrom(localAddress: string, port: number, bytes: Uint8Array): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const parts: Uint8Array[] = [];
    const socket = net.connect({ host: "127.0.0.1", port, localAddress, allowHalfOpen: true });
    socket.on("error", () => resolve(undefined));
    socket.on("data", (part: Uint8Array) => parts.push(part));
    socket.on("end", () => resolve(parts.length > 0 ? Buffer.concat(parts) : undefined));
    socket.end(bytes);
  });
}

/** Sends one byte until it is answered: HAProxy listens then. */
async function untilServed(port: number, from = "127.0.0.1"): Promise<void> {
  let served = false;
  await within(() => {
    void sendFrom(from, port, Buffer.from("?")).then((bytes) => served ||= bytes !== undefined);
    return served;
  }, "HAProxy serves");
}

describe("behind HAProxy", { skip }, () => {
  for (const how of ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options unique-id,crc32c"]) {
    test(`${how}: the client's address is the client's, and every byte comes back after its half-close`, async () => {
      await using haproxy = await behindHaproxy(how);
      await untilServed(haproxy.port);
      const bytes = randomBytes(1_000_000);
      const back = await sendFrom("127.0.0.5", haproxy.port, bytes);
      assert.ok(back !== undefined && bytes.equals(back));
      const peers = haproxy.log.values("client.connected", "peer").map(String);
      assert.equal(peers.filter((peer) => peer.startsWith("127.0.0.5:")).length, 1);
      assert.deepEqual(haproxy.log.of("accept.failed"), []);
    });
  }

  test("deny is about the client", async () => {
    await using haproxy = await behindHaproxy("send-proxy-v2", { deny: ["127.0.0.5"] });
    await untilServed(haproxy.port);
    assert.equal(await sendFrom("127.0.0.5", haproxy.port, Buffer.from("hello")), undefined);
    assert.equal(String(await sendFrom("127.0.0.6", haproxy.port, Buffer.from("hello"))), "hello");
    assert.ok(haproxy.log.values("client.refused", "peer").every((peer) => String(peer).startsWith("127.0.0.5:")));
  });
});
