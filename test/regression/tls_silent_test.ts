import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import net from "node:net";
import process from "node:process";
import { test } from "node:test";
import { connect } from "echopipe";
import { authority, server as certificate } from "../support/certificates.ts";
import { startServerCommand, temporaryFolder } from "../support/commands.ts";
import { within } from "../support/deadline.ts";

const skip = process.platform !== "linux" && "descriptors are counted in /proc";

test("10-29: 100 clients that never complete TLS hinder no other, and cost no descriptor once they have left", {
  skip,
}, async () => {
  await using folder = await temporaryFolder();
  const [cert, key] = [folder.file("cert.pem"), folder.file("key.pem")];
  await writeFile(cert, certificate.cert);
  await writeFile(key, certificate.key);
  await using server = await startServerCommand(folder.path, ["--tls-cert", cert, "--tls-key", key]);
  const open = () => readdirSync(`/proc/${server.child.pid}/fd`).length;
  const exchange = async () => {
    await using connection = await connect({ port: server.at, tls: { ca: authority } });
    await connection.write(new TextEncoder().encode("hello\n"));
    await connection.endWrite();
    assert.equal(await new Response(connection.readable).text(), "hello\n");
  };
  await exchange(); // whatever the first one has the runtime open
  const before = open();
  const silent = Array.from({ length: 100 }, (_, i) => {
    const socket = net.connect(server.at, "127.0.0.1").on("error", () => {});
    if (i % 2 === 0) socket.write(Uint8Array.of(22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3)); // the beginning of a hello
    return socket;
  });
  await within(() => open() >= before + 100, "all are accepted");
  for (let i = 0; i < 3; i++) await exchange();
  for (const socket of silent) socket.destroy();
  await within(() => open() <= before + 2, `descriptors: ${before} before, ${open()} after`);
  await exchange();
});
