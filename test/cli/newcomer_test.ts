/** What a person at the client's terminal expects. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import net from "node:net";
import { describe, test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { OnTerminal, skip } from "../support/terminal.ts";

describe("the client on a terminal", { skip }, () => {
  test("asks again where nobody listens at the address that it had asked for", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const client = new OnTerminal("client", ["--host", "127.0.0.1", "--log-to", "none"]);
    await client.sees(/Port \(9090\)/);
    client.types("1\r");
    await client.sees(/Cannot connect to 127\.0\.0\.1:1: /);
    await client.sees(/Port \(1\)/);
    client.types(`${server.at}\r`);
    await client.sees(/Connected to/);
    client.types("exit\r");
    assert.equal(await client.ended, 0, client.screen());
  });

  test("asks for a login with --yes, too; checks a new password at once, and a mistyped one can be corrected", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, [
      ...["--access", "password", "--users", folder.file("users.json")],
    ]);
    const client = new OnTerminal("client", [
      ...["--port", String(server.at), "--yes", "--log-to", "none", "--session-file", folder.file("sessions.json")],
    ]);
    await client.sees(/name\?/i);
    client.types("anna\r");
    await client.sees(/Choose a password/);
    client.types("short\r");
    await client.sees(/it has 5 bytes; expected 8 to/);
    await client.sees(/Choose a password/);
    client.types("a long wakl home\r");
    await client.sees(/Repeat password/);
    client.types("a long walk home\r");
    await client.sees(/The passwords differ/);
    for (const question of [/Choose a password/, /Repeat password/]) {
      await client.sees(question);
      client.types("a long walk home\r");
    }
    await client.sees(/Hello, anna/);
    client.types("exit\r");
    assert.equal(await client.ended, 0, client.screen());
  });

  test("does not write binary data to it unasked", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    await writeFile(folder.file("binary"), Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 7));
    const args = [folder.file("binary"), "--port", String(server.at), "--log-to", "none"];
    const refused = new OnTerminal("client", args);
    assert.equal(await refused.ended, 1, refused.screen());
    assert.match(refused.screen(), /Cannot write the echo to a terminal: .*--output/);
    assert.doesNotMatch(refused.screen(), /ELF/);
    const asked = new OnTerminal("client", [...args, "--output", "-"]);
    assert.equal(await asked.ended, 0, asked.screen());
    assert.match(asked.screen(), /ELF/);
  });
});

describe("--logout", () => {
  test("has the token revoked, and forgets the session", async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("password"), "a long walk home\n", { mode: 0o600 });
    const users = ["--users", folder.file("users.json")];
    await using server = await startServerCommand(folder.path, ["--access", "password", ...users]);
    const client = async (input: string, ...args: string[]) => {
      const running = new Running("client", [
        ...["--port", String(server.at), "--log-to", "none", "--session-file", folder.file("sessions.json"), ...args],
      ]);
      running.child.stdin!.end(input);
      return { status: await running.ended, stdout: running.stdout.toString(), stderr: running.stderr };
    };
    assert.equal((await client("one", "--name", "anna", "--password-file", folder.file("password"))).stdout, "one");
    const listed = new Running("users", ["list", ...users]);
    assert.equal(await listed.ended, 0);
    assert.match(listed.stdout.toString(), /^anna\t.*\t1 sessions\n$/);
    const out = await client("", "--logout");
    assert.deepEqual([out.status, out.stdout], [0, ""], out.stderr);
    assert.match(out.stderr, /^Logged out of 127\.0\.0\.1:\d+\n$/m);
    const after = new Running("users", ["list", ...users]);
    assert.equal(await after.ended, 0);
    assert.match(after.stdout.toString(), /^anna\t.*\t0 sessions\n$/);
    const again = await client("", "--logout");
    assert.equal(again.status, 1);
    assert.match(again.stderr, /Cannot log out: ".*sessions\.json" has no session with this server/);
  });
});

test("a client that is turned away at the limit of connections ends with status 5, and is told so", async () => {
  await using folder = await temporaryFolder();
  await using server = await startServerCommand(folder.path, ["--max-connections", "1"]);
  const first = net.connect(server.at, "127.0.0.1");
  first.write("x\n");
  await new Promise((resume) => first.once("data", resume));
  const client = new Running("client", ["--port", String(server.at), "--log-to", "none"]);
  client.child.stdin!.end("hello");
  assert.equal(await client.ended, 5, client.stderr);
  assert.match(client.stderr, /Cannot use the server: .* as a server does at its limit of clients/);
  first.destroy();
});
