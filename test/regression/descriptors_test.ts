import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import process from "node:process";
import { test } from "node:test";
import { Running, temporaryFolder } from "../support/commands.ts";

const skip = process.platform !== "linux" && "the limit is set by the shell";

test("10-28: more connections than descriptors: said, with what to do, and served again when some are free", {
  skip,
}, async () => {
  await using folder = await temporaryFolder();
  const log = folder.file("server.log");
  const args = ["--yes", "--port", "0", "--log-file", log];
  const wrapper = ["sh", "-c", 'ulimit -n 200; exec "$@"', "sh"];
  const server = new Running("server", args, { wrapper });
  const port = await server.port();
  const sockets = Array.from({ length: 300 }, () => net.connect(port, "127.0.0.1").on("error", () => {}));
  if ("Deno" in globalThis) { // its limit is not known at the start: the server notices it
    const lines = async () =>
      (await readFile(log, "utf8")).split("\n").filter((line) => line.includes("accept.failed"));
    const deadline = performance.now() + 10_000;
    let failures = await lines();
    while (failures.length === 0 && performance.now() < deadline) failures = await lines();
    assert.match(
      failures[0] ?? "nothing",
      /as many open files as the system allows it; expected a higher limit \(ulimit -n\)/,
    );
    await new Promise((resume) => setTimeout(resume, 500)); // ten further attempts
    assert.equal((await lines()).length, 1, "said once");
  } else {
    assert.match(server.stderr, /--max-connections 10000 is lowered to 136: the system allows 200 open files/);
  }
  for (const socket of sockets) socket.destroy();
  const client = net.connect(port, "127.0.0.1");
  client.write("hello\n");
  const [bytes] = await once(client, "data", { signal: AbortSignal.timeout(10_000) });
  assert.equal(String(bytes), "hello\n");
  client.destroy();
  server.kill("SIGTERM");
  assert.equal(await server.ended, 0);
});
