/** `--cluster`, as users run it. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { authority, server as certificate } from "../support/certificates.ts";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { within } from "../support/deadline.ts";
import { open } from "../support/sockets.ts";
import { makeCredentials } from "./jwt.ts";
import { NatsServer, skip } from "./nats_server.ts";

/** Somebody with `nc` in the chat. */
async function talker(port: number, name: string) {
  const socket = await open(port);
  let heard = "";
  socket.on("data", (bytes) => heard += bytes);
  socket.write(`${name}\n`);
  await within(() => heard.includes(`Welcome, ${name}`), `${name} is welcomed`);
  return {
    heard: () => heard,
    say: (text: string) => void socket.write(`${text}\n`),
    end: () => socket.destroy(),
  };
}

describe("the server command with --cluster", { skip }, () => {
  test("two servers, two workers each: one chat, and one login for all", async () => {
    await using nats = await NatsServer.start();
    await using folder = await temporaryFolder();
    const start = async (name: string, ...more: string[]) => {
      const log = ["--log-file", folder.file(name)];
      return await startServerCommand(folder.path, ["--cluster", nats.url, "--workers", "2", ...log, ...more]);
    };
    {
      await using one = await start("chat1.log", "--service", "chat");
      await using other = await start("chat2.log", "--service", "chat");
      // The system gives each connection to one of the workers: twelve reach all of them but once in a thousand runs.
      const ports = Array.from({ length: 12 }, (_, i) => [one, other][i % 2].at);
      const all = await Promise.all(ports.map((port, i) => talker(port, `talker ${i}x`)));
      all.forEach(({ say }, i) => say(`text ${i}.`));
      await within(() => all.every(({ heard }) => all.every((_, i) => heard().includes(`: text ${i}.`))), "all texts");
      const order = all.map(({ heard }) => [...heard().matchAll(/: text (\d+)\./g)].map(([, i]) => i).join());
      assert.equal(new Set(order).size, 1, order.join("; "));
      for (const { end } of all) end();
      assert.deepEqual([await one.stop(), await other.stop()], [0, 0], one.stderr + other.stderr);
    }
    await writeFile(folder.file("password"), "a long walk home\n", { mode: 0o600 });
    await using one = await start("login1.log", "--access", "password");
    await using other = await start("login2.log", "--access", "password");
    const client = async (port: number, session: string) => {
      const running = new Running("client", [
        ...["--port", String(port), "--log-to", "none", "--name", "anna", "--yes"],
        ...["--password-file", folder.file("password"), "--session-file", folder.file(session)],
      ]);
      running.child.stdin!.end("echoed");
      return [await running.ended, running.stdout.toString(), running.stderr] as const;
    };
    assert.deepEqual((await client(one.at, "a.json")).slice(0, 2), [0, "echoed"]);
    assert.deepEqual((await client(other.at, "b.json")).slice(0, 2), [0, "echoed"]);
    await nats.down();
    await within(() => one.child.exitCode === null, "it goes on");
    const [status, , stderr] = await client(one.at, "c.json");
    assert.deepEqual([status, /cannot tell who is who at the moment/.test(stderr)], [5, true], stderr);
    assert.deepEqual([await one.stop(), await other.stop()], [0, 0], one.stderr + other.stderr);
    assert.match(await readFile(folder.file("login1.log"), "utf8"), /NATS cannot be reached/);
  });

  test("credentials from a file, over TLS; without either, a clear error", async () => {
    const { config, credentials } = makeCredentials();
    await using nats = await NatsServer.start({
      "nats.conf": `${config}tls { cert_file: "cert.pem", key_file: "key.pem" }\n`,
      "cert.pem": certificate.cert,
      "key.pem": certificate.key,
      "authority.pem": authority,
      "server.creds": credentials,
      "not.creds": "anna:secret\n",
    });
    await using folder = await temporaryFolder();
    const trust = { DENO_CERT: nats.file("authority.pem"), NODE_EXTRA_CA_CERTS: nats.file("authority.pem") };
    const cluster = ["--cluster", `tls://localhost:${nats.port}`];
    const log = ["--log-file", folder.file("server.log")];
    const fails = async (env: Record<string, string>, ...args: string[]) => {
      const running = new Running("server", ["--yes", "--port", "0", "--service", "chat", ...log, ...args], { env });
      return [await running.ended, running.stderr] as const;
    };
    {
      const args = ["--service", "chat", ...cluster, "--cluster-credentials", nats.file("server.creds")];
      await using server = await startServerCommand(folder.path, args, { env: trust });
      const anna = await talker(server.at, "anna");
      anna.say("hello");
      await within(() => anna.heard().includes("anna: hello"), "the text");
      anna.end();
      assert.equal(await server.stop(), 0, server.stderr);
    }
    const cases = [
      [trust, [...cluster], 3, /Authorization Violation/i],
      [{}, [...cluster, "--cluster-credentials", nats.file("server.creds")], 3, /Cannot connect to NATS at tls:/],
      [
        trust,
        [...cluster, "--cluster-credentials", nats.file("not.creds")],
        2,
        /credentials for NATS: they are not in/,
      ],
      [
        {},
        [...cluster, "--cluster-credentials", folder.file("none")],
        2,
        /--cluster-credentials ".*none": there is no/,
      ],
      [{}, ["--cluster-credentials", nats.file("server.creds")], 2, /--cluster-credentials alone: expected --cluster/],
      [{}, ["--cluster", "localhost:4222"], 2, /it is no URL of NATS; expected nats:/],
      [{}, ["--cluster", "nats://anna:secret@localhost:1"], 2, /"nats:\/\/localhost:1": it holds credentials/],
      [{}, ["--cluster", "nats://127.0.0.1:1"], 3, /Cannot connect to NATS at nats:\/\/127\.0\.0\.1:1/],
    ] as const;
    for (const [env, args, status, message] of cases) {
      const [ended, stderr] = await fails(env as Record<string, string>, ...args);
      assert.equal(ended, status, `${args.join(" ")}: ${stderr}`);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr + await readFile(folder.file("server.log"), "utf8"), /secret|SU[A-Z2-7]{50}/);
    }
  });
});
