import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Running, type StartOptions, temporaryFolder } from "../support/commands.ts";
import { open, received } from "../support/sockets.ts";

const wrapper = ["python3", fileURLToPath(new URL("../support/terminal.py", import.meta.url))];
const skip = spawnSync("python3", ["--version"]).status !== 0 && "no python3 here";
const quiet = ["--yes", "--log-to", "none"];

async function startChatServer(...args: string[]): Promise<Running & AsyncDisposable & { readonly at: number }> {
  const server = new Running("chat:server", [...quiet, "--port", "0", ...args]);
  const at = await server.port();
  return Object.assign(server, {
    at,
    async [Symbol.asyncDispose]() {
      if (server.child.exitCode === null) await server.stop();
    },
  });
}

function join(port: number, name: string, args: readonly string[] = [], options: StartOptions = {}): Running {
  return new Running("chat", ["--yes", "--port", String(port), "--name", name, "--log-to", "none", ...args], options);
}

/** What was shown, without the terminal's control sequences. */
function screen({ stdout }: Running): string {
  // deno-lint-ignore no-control-regex -- escape sequences are what it takes out
  return stdout.toString().replace(/\x1b\[[\d;?]*[A-Za-z]/g, "");
}

describe("the chat commands", () => {
  test("piped lines are said one by one, and acknowledged before the end; people over TCP are in the same room", async () => {
    await using folder = await temporaryFolder();
    await using server = await startChatServer("--tcp-port", "0");
    const [, tcp] = await server.until(() => /TCP on .*:(\d+)\n/.exec(server.stderr), "TCP port");
    const socket = await open(Number(tcp));
    const heard = received(socket);
    socket.write("nic\n");
    const log = folder.file("chat.log");
    const ada = join(server.at, "ada", ["--log-to", "file", "--log-file", log]);
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i}`);
    ada.child.stdin!.end(`${lines.join("\n")}\n/me waves\n\x1b[2Jlast, without its end`);
    assert.equal(await ada.ended, 0, ada.stderr);
    assert.match(ada.stderr, /^Welcome, ada\. Here: (nic, )?ada/);
    assert.match(ada.stdout.toString(), /ada: line 59\n.* \* ada waves\n.* ada: ␛\[2Jlast, without its end\n$/);
    socket.end("hello\n");
    const text = (await heard).toString();
    for (const line of lines) assert.ok(text.includes(` ada: ${line}\n`), line);
    assert.match(text, /ada left\n/);
    assert.match(await readFile(log, "utf8"), / connected [^]* data\.sent [^]* data\.received [^]* disconnected /);
    assert.doesNotMatch(await readFile(log, "utf8"), /line 59/, "the log keeps nobody's words");
    assert.equal(await server.stop(), 0);
    assert.match(server.stdout.toString(), /^listening on 127\.0\.0\.1:\d+\n$/);
  });

  test("what cannot be is said, with its limit, and has its exit status", async () => {
    await using server = await startChatServer();
    const long = join(server.at, "ada");
    long.child.stdin!.end(`${"x".repeat(1001)}\nshort\n`);
    assert.equal(await long.ended, 1);
    assert.match(long.stderr, /1001 bytes, the limit is 1000/);
    assert.match(long.stdout.toString(), /ada: short\n/);
    const first = join(server.at, "Bob");
    await first.until(() => first.stderr.includes("Welcome"), "welcome");
    const second = join(server.at, "bob");
    assert.equal(await second.ended, 5);
    assert.match(second.stderr, /Cannot join as "bob": somebody of that name is there already/);
    first.child.stdin!.end("exit\nnever said\n");
    assert.equal(await first.ended, 0);
    const nobody = join(9, "ada", ["--timeout", "0.3"]);
    assert.equal(await nobody.ended, 4);
    assert.match(nobody.stderr, /Cannot join the chat at 127\.0\.0\.1:9: no chat server has answered within 0\.3 s/);
    const unnamed = join(server.at, "x".repeat(33));
    assert.equal(await unnamed.ended, 2);
    assert.match(unnamed.stderr, /33 characters; expected 1 to 32/);
  });

  test(
    "on a terminal what is typed survives what arrives; a server that stops is told of, and joined again",
    { skip },
    async () => {
      const server = await startChatServer();
      const ada = join(server.at, "ada", [], { wrapper });
      const sees = (pattern: RegExp) => ada.until(() => pattern.test(screen(ada)), String(pattern));
      await sees(/Welcome, ada/);
      ada.child.stdin!.write("hel");
      const bob = join(server.at, "bob");
      bob.child.stdin!.write("here I am\n");
      await sees(/bob: here I am\r\n> hel/);
      ada.child.stdin!.write("lo\r");
      await bob.until(() => / ada: hello\n/.test(bob.stdout.toString()), "hello");
      ada.child.stdin!.write("/help\r");
      await sees(/\/me TEXT/);
      assert.equal(await server.stop(), 0);
      await sees(/The server has stopped; joining again as soon as it answers/);
      await using again = await startChatServer("--port", String(server.at), "--strict-port");
      await sees(/joining again[^]*Welcome, ada/);
      await bob.until(() => /joining again[^]*Welcome, bob/.test(bob.stderr), "bob to be back");
      ada.child.stdin!.write("back\r");
      await bob.until(() => / ada: back\n/.test(bob.stdout.toString()), "back");
      ada.child.stdin!.write("exit\r");
      assert.equal(await ada.ended, 0);
      bob.child.stdin!.end();
      assert.equal(await bob.ended, 0);
      assert.equal(again.at, server.at);
    },
  );
});
