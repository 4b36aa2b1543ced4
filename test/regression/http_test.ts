import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { refuseHttp } from "../../src/handlers/refuse_http.ts";
import { startServer } from "../../src/server/server.ts";
import type { FramingName } from "../../src/server/options.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { exchange } from "../support/sockets.ts";
import { allCuts } from "../support/cuts.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const request = "POST /anywhere?x HTTP/1.1\r\nHost: 127.0.0.1:9090\r\nContent-Type: text/plain\r\n\r\nstop\n";

for (const framing of ["auto", "line"] satisfies FramingName[]) {
  test(`10-1: a web page cannot stop a server of framing ${framing}: an HTTP request is answered as such`, async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, framing }, log);
    const answer = String(await exchange(server.address.port, encode(request)));
    assert.match(answer, /^HTTP\/1\.1 4\d\d [^]*\r\nConnection: close\r\n\r\n/);
    assert.equal(answer.includes("stop"), false);
    assert.equal(String(await exchange(server.address.port, encode("still there\n"))), "still there\n");
    const reason = framing === "auto" ? "HTTP request" : "protocol error";
    await within(() => log.of("client.disconnected").length === 2, "two records");
    assert.deepEqual(log.values("client.disconnected", "reason"), [reason, "end of stream"]);
  });
}

describe("10-1: the first line is one of HTTP", () => {
  const lines: Record<string, [string, boolean]> = {
    "a request": ["GET / HTTP/1.1\r\n", true],
    "a request with a bare line feed": ["OPTIONS * HTTP/1.0\n", true],
    "HTTP/2 with prior knowledge": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", true],
    "a method of somebody's own and a long target": [`stop /${"a".repeat(20_000)} HTTP/1.1\r\n`, true],
    "a line of text": ["hello\n", false],
    "three words": ["GET the HTTP/1.1x\r\n", false],
    "a sentence": ["What is there in HTTP/1.1\n", false],
    "no version": ["GET /\r\n", false],
    "an empty line": ["\n", false],
    "no end": ["GET / HTTP/1.1", false],
    "a request in the second line": ["hello\nGET / HTTP/1.1\r\n", false],
  };
  for (const [what, [text, refused]] of Object.entries(lines)) {
    test(`${what}: ${refused}`, async () => {
      for (const pieces of text.length > 100 ? [[encode(text)]] : allCuts(encode(text))) {
        const passed = Array.fromAsync(refuseHttp().over(pieces));
        if (refused) await assert.rejects(passed, { code: "protocol" });
        else assert.equal((await passed).map((bytes) => new TextDecoder().decode(bytes)).join(""), text);
      }
    });
  }
});

for (const allowStop of ["none", "loopback"] as const) {
  test(`10-1: --allow-stop ${allowStop}`, async () => {
    const log = new KeptLog();
    await using server = await startServer({ port: 0, allowStop }, log);
    const answer = String(await exchange(server.address.port, encode("stop\nhello\n")));
    if (allowStop === "none") {
      assert.equal(answer, "stop refused: no client may stop it (--allow-stop none)\nhello\n");
      assert.equal(log.values("stop.refused", "peer").length, 1);
    } else {
      assert.equal(answer, "");
      await server.stopped;
    }
  });
}

test("10-1: --allow-stop admins wants names that are proven", async () => {
  await assert.rejects(startServer({ port: 0, allowStop: "admins" }), { code: "invalid-argument" });
});
