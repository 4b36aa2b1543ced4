/** examples/proxy.ts: half-close, failures, and another example behind it. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { connect, listen } from "echopipe";
import { bytesOf } from "echopipe/testing";
import { serveHttp } from "../../examples/http.ts";
import { type Passed, serveProxy } from "../../examples/proxy.ts";
import { within } from "../support/deadline.ts";
import { missing, run } from "../support/programs.ts";
import { exchange } from "../support/sockets.ts";

test("all bytes pass, and half-close; they are counted", async () => {
  await using echo = await listen({}, (peer) => peer.readable.pipeTo(peer.writable));
  const passed: Passed[] = [];
  await using proxy = await serveProxy(0, { port: echo.address.port }, (report) => passed.push(report));
  const bytes = randomBytes(3_000_000);
  const backs = await Promise.all(Array.from({ length: 5 }, () => exchange(proxy.address.port, bytes)));
  for (const back of backs) assert.ok(bytes.equals(back));
  await within(() => passed.length === 5, "all are reported");
  for (const { sent, received } of passed) assert.deepEqual([sent, received], [bytes.length, bytes.length]);
});

test("a server that fails, or is not there, is a failure for the client", async () => {
  await using broken = await listen({}, async (peer) => {
    await peer.read();
    await peer.write(bytesOf("half"));
    peer.reset();
  });
  await using proxy = await serveProxy(0, { port: broken.address.port });
  await using connection = await connect({ port: proxy.address.port });
  await connection.write(bytesOf("?"));
  // On Deno a connection with a pending read is reset when its peer sends.
  const sending = setInterval(() => void connection.write(bytesOf("?")).catch(() => {}), 20);
  try {
    await assert.rejects(async () => {
      while (await connection.read() !== null);
    }, { code: "reset" });
  } finally {
    clearInterval(sending);
  }
  await broken.close();
  await using refused = await connect({ port: proxy.address.port });
  await assert.rejects(async () => {
    while (await refused.read() !== null);
  }, { code: "reset" });
});

test("curl, through the proxy to examples/http.ts", { skip: missing("curl", "curl") }, async () => {
  await using http = await serveHttp(0);
  await using proxy = await serveProxy(0, { port: http.address.port });
  const url = `http://127.0.0.1:${proxy.address.port}`;
  assert.equal(await run("curl", ["-sS", "--max-time", 20, `${url}/`]), "Hello from echopipe\n");
  assert.equal(await run("curl", ["-sS", "--max-time", 20, "-d", "some text", `${url}/echo`]), "some text");
});
