import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import net from "node:net";
import process from "node:process";
import { test } from "node:test";
import { server as certificate } from "../support/certificates.ts";
import { startServerCommand, temporaryFolder } from "../support/commands.ts";
import { within } from "../support/deadline.ts";

const skip = process.platform !== "linux" && "descriptors are counted in /proc";

test("10-18: a client that leaves before its TLS handshake costs no descriptor", { skip }, async () => {
  await using folder = await temporaryFolder();
  const [cert, key] = [folder.file("cert.pem"), folder.file("key.pem")];
  await writeFile(cert, certificate.cert);
  await writeFile(key, certificate.key);
  await using server = await startServerCommand(folder.path, ["--tls-cert", cert, "--tls-key", key]);
  const leave = async (send: string) => {
    const socket = net.connect(server.at, "127.0.0.1");
    socket.on("error", () => {}); // the server may reset it
    await once(socket, "connect");
    if (send !== "") socket.write(send);
    socket.end();
    socket.resume();
    await new Promise((resolve) => socket.once("close", resolve));
  };
  const open = () => readdirSync(`/proc/${server.child.pid}/fd`).length;
  await leave(""); // whatever the first one has the runtime open
  const before = open();
  for (let i = 0; i < 40; i++) await leave(i % 2 === 0 ? "" : "hello\n");
  await within(() => open() <= before + 2, `descriptors: ${before} before, ${open()} after`);
  assert.ok(server.child.exitCode === null);
});
