import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { listen } from "echopipe";
import { authority, other, server } from "../support/certificates.ts";
import { Running, temporaryFolder } from "../support/commands.ts";

const onDeno = "Deno" in globalThis;

test("10-3: --tls-ca, where the system trusts the server's authority: on Node instead, on Deno besides", async () => {
  await using folder = await temporaryFolder();
  const [system, wanted] = [folder.file("system.pem"), folder.file("wanted.pem")];
  await writeFile(system, authority);
  await writeFile(wanted, other.cert); // it has signed nothing
  await using listener = await listen(
    { tls: server, onError: () => {} },
    (peer) => peer.readable.pipeTo(peer.writable),
  );
  const statusWith = async (env: Record<string, string>) => {
    const port = String(listener.address.port);
    const args = ["--yes", "--port", port, "--framing", "raw", "--tls-ca", wanted, "--log-to", "none"];
    const client = new Running("client", args, { env: { NODE_EXTRA_CA_CERTS: system, SSL_CERT_FILE: system, ...env } });
    client.child.stdin!.end("hello");
    const status = await client.ended;
    if (status !== 0) assert.match(client.stderr, /nobody that is trusted has signed its certificate/);
    return status;
  };
  if (onDeno) {
    assert.equal(await statusWith({ DENO_TLS_CA_STORE: "system" }), 0);
    // As docs/access.md says: without authorities of its own.
    assert.equal(await statusWith({ DENO_TLS_CA_STORE: "", NODE_EXTRA_CA_CERTS: "" }), 3);
  } else {
    assert.equal(await statusWith({}), 3);
  }
});
