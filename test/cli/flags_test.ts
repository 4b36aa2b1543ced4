/** Flags and the environment: misspelt ones are reported, and exit statuses stay. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Running } from "../support/commands.ts";

describe("flags", () => {
  const wrong: [string[], RegExp][] = [
    [["--prot", "1"], /^server: Cannot use "--prot": there is no such flag; did you mean --port\? \(see [^\n]*\n$/],
    [["--port"], /^server: Cannot use "--port" alone: expected a value /],
    [["--port="], /^server: Cannot use --port "": expected an integer from 0 to 65535 /],
    [["--workers", "all"], /^server: Cannot use --workers "all": expected an integer from 1 to 64, or auto /],
    [["--framing", "lines"], /^server: Cannot use --framing "lines": expected one of auto, message, line, raw /],
    [["9090"], /^server: Too many arguments: "9090"; expected flags only /],
  ];
  for (const [args, message] of wrong) {
    test(args.join(" "), async () => {
      const server = new Running("server", ["--yes", ...args], { stdin: "ignore" });
      assert.equal(await server.ended, 2);
      assert.match(server.stderr, message);
    });
  }

  test("-h is --help", async () => {
    for (const task of ["server", "client", "users", "chat", "chat:server", "demo", "verify"]) {
      const command = new Running(task, ["-h"], { stdin: "ignore" });
      assert.equal(await command.ended, 0);
      assert.match(command.stdout.toString(), /^Usage: deno task /);
    }
  });
});

describe("the environment", () => {
  test("a misspelt variable is reported, and nothing else changes", async () => {
    const env = { ECHOPIPE_PROT: "1", ECHOPIPE_LOGTO: "none", ECHOPIPE_SOMETHING_ELSE: "1", ECHOPIPE_PORT: "1" };
    const client = new Running("client", ["--log-to", "none"], { env, stdin: "ignore" });
    assert.equal(await client.ended, 3);
    assert.deepEqual(client.stderr.split("\n").sort(), [
      "",
      "Unknown environment variable ECHOPIPE_LOGTO; did you mean ECHOPIPE_LOG_TO?",
      "Unknown environment variable ECHOPIPE_PROT; did you mean ECHOPIPE_PORT?",
      "client: Cannot connect to 127.0.0.1:1: nothing listens there",
    ]);
  });

  test("a wrong value names the variable", async () => {
    const client = new Running("client", [], { env: { ECHOPIPE_QUIET: "maybe" }, stdin: "ignore" });
    assert.equal(await client.ended, 2);
    assert.match(client.stderr, /^client: Cannot use ECHOPIPE_QUIET "maybe": expected 1 or 0 /);
  });
});

test("- is standard input; --log-level leaves out what is below it", async () => {
  const server = new Running("server", ["--yes", "--port", "0", "--log-to", "console", "--log-level", "warn"]);
  const port = String(await server.port());
  const client = new Running("client", ["-4", "--host", "localhost", "--port", port, "--log-to", "none", "-"]);
  client.child.stdin!.end("hello");
  assert.equal(await client.ended, 0, client.stderr);
  assert.equal(client.stdout.toString(), "hello");
  assert.equal(await server.stop(), 0);
  assert.equal(server.stderr, "");
});
