/** HTTP on the port of the echo server: the page, and the errors. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ServerOptions, startServer } from "../../src/server/mod.ts";
import { exchange } from "../support/sockets.ts";
import { allCuts } from "../support/cuts.ts";
import { pageOf } from "../../src/server/page/page.ts";
import { auto } from "echopipe";
import { webSocketOptions } from "../../src/server/page/web.ts";
import { request } from "./support.ts";

/** The response to a request of these lines. */
async function response(lines: string, options: ServerOptions = {}): Promise<{ head: string; body: string }> {
  await using server = await startServer({ port: 0, ...options });
  const all = String(await exchange(server.address.port, `${lines}\r\n\r\n`));
  const end = all.indexOf("\r\n\r\n");
  return { head: all.slice(0, end + 2), body: all.slice(end + 4) };
}

describe("the page", () => {
  for (const page of ["echo", "chat"] as const) {
    test(`${page}: one document with nothing from outside, under a strict policy`, async () => {
      const { head, body } = await response("GET / HTTP/1.1\r\nHost: x", { page });
      assert.match(head, /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/html; charset=utf-8\r\n/);
      assert.match(head, /\r\nX-Content-Type-Options: nosniff\r\n/);
      assert.match(head, /\r\nCache-Control: no-cache\r\n/);
      const policy = /\r\nContent-Security-Policy: (.*)\r\n/.exec(head)![1];
      assert.match(
        policy,
        /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self';/,
      );
      assert.doesNotMatch(policy, /unsafe|\*/);
      assert.match(head, new RegExp(`\r\nContent-Length: ${new TextEncoder().encode(body).length}\r\n`));
      assert.match(body, new RegExp(`<title>echopipe: ${page}</title>[^]*</html>\n$`));
      assert.doesNotMatch(body, /innerHTML|insertAdjacentHTML|document\.write|https?:\/\/| on\w+="| style="|src=/);
      const script = /<script>([^]*)<\/script>/.exec(body)![1];
      new Function(script); // it is JavaScript
    });
  }

  test("is found under / with any query, and by HEAD", async () => {
    assert.match((await response("GET /?x=1 HTTP/1.1\r\nHost: x")).head, /^HTTP\/1\.1 200 /);
    const { head, body } = await response("HEAD / HTTP/1.1\r\nHost: x");
    assert.match(head, /^HTTP\/1\.1 200 /);
    assert.equal(body, "");
  });

  test("is made once", () => assert.equal(pageOf("echo"), pageOf("echo")));
});

describe("other requests get an error, and the connection ends", () => {
  const upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
  const cases: [string, string, RegExp, ServerOptions?][] = [
    ["another path", "GET /favicon.ico HTTP/1.1\r\nHost: x", /^HTTP\/1\.1 404 /],
    ["no page for the service", "GET / HTTP/1.1\r\nHost: x", /^HTTP\/1\.1 404 /, { service: "discard" }],
    ["another method", "POST / HTTP/1.1\r\nHost: x", /^HTTP\/1\.1 405 [^]*\r\nAllow: GET, HEAD\r\n/],
    ["no host", "GET / HTTP/1.1", /^HTTP\/1\.1 400 /],
    ["two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y", /^HTTP\/1\.1 400 /],
    ["a field that is none", "GET / HTTP/1.1\r\nHost: x\r\nno field", /^HTTP\/1\.1 400 /],
    ["a bare CR in a field", "GET / HTTP/1.1\r\nHost: x\r\na: b\rc", /^HTTP\/1\.1 400 /],
    ["a head of 9,000 bytes", `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${"x".repeat(9000)}`, /^HTTP\/1\.1 431 /],
    ["an old version of WebSocket", `GET / HTTP/1.1\r\nHost: x\r\n${upgrade}`, /^HTTP\/1\.1 426 [^]*-Version: 13\r\n/],
    [
      "the page of a stranger",
      `GET / HTTP/1.1\r\nHost: x\r\nOrigin: http://evil.example\r\nSec-WebSocket-Version: 13\r\n${upgrade}`,
      /^HTTP\/1\.1 403 /,
    ],
  ];
  for (const [name, lines, expected, options] of cases) {
    test(name, async () => {
      const { head, body } = await response(lines, options);
      assert.match(head, expected);
      assert.match(head, /\r\nConnection: close\r\n/);
      assert.match(head, new RegExp(`\r\nContent-Length: ${body.length}\r\n`));
    });
  }

  test("in the framing line all of HTTP is refused, as ever", async () => {
    assert.match((await response("GET / HTTP/1.1\r\nHost: x", { framing: "line" })).head, /^HTTP\/1\.1 400 /);
  });
});

test("what a request is does not depend on how it is cut", async () => {
  const texts: [Uint8Array, string][] = [
    [new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), "http"],
    [request(), "websocket"],
    [new TextEncoder().encode("GET /\n"), "line"],
    [new TextEncoder().encode("GE"), "line"],
  ];
  for (const [bytes, expected] of texts) {
    for (const pieces of allCuts(bytes)) {
      const codec = auto({ webSocket: webSocketOptions("echo") });
      await Array.fromAsync(codec.decoder.over(pieces));
      assert.equal(codec.detected, expected);
    }
  }
});
