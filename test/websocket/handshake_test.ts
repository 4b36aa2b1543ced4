/** The handshake of WebSocket (RFC 6455, 4.2): what is accepted, what is refused and how. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { echo } from "echopipe";
import { websocket, type WebSocketOptions } from "../../src/framing/websocket/mod.ts";
import { pipeline } from "../../src/stage/pipeline.ts";
import { join, single, textOf } from "../support/cuts.ts";
import { afterHead, frame, framesOf, request } from "./support.ts";

async function answer(bytes: Uint8Array, options: WebSocketOptions = {}): Promise<Uint8Array> {
  const { decoder, encoder } = websocket(options);
  return join(await Array.fromAsync(pipeline(decoder, echo(), encoder).over(single(bytes)), (piece) => piece.slice()));
}

describe("the handshake", () => {
  test("of the RFC's own example, byte for byte, and frames in the same read", async () => {
    const { head, rest } = afterHead(await answer(join([request(), frame(1, "hi")])));
    assert.equal(
      head,
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    );
    assert.deepEqual(framesOf(rest).map(({ payload }) => textOf(payload).slice(0, 2)), ["hi", "\x03\ufffd"]);
  });

  test("chooses a subprotocol that both know", async () => {
    const fields = { "Sec-WebSocket-Protocol": "other, echopipe.control.1" };
    const known = afterHead(await answer(request(fields), { protocols: ["echopipe.control.1"] }));
    assert.match(known.head, /\r\nSec-WebSocket-Protocol: echopipe\.control\.1\r\n/);
    assert.doesNotMatch(afterHead(await answer(request(fields))).head, /Protocol:/);
  });

  const accepted: [string, Uint8Array, WebSocketOptions?][] = [
    ["no origin", request()],
    ["an origin of the same host", request({ Origin: "http://127.0.0.1:9090" })],
    ["a listed origin", request({ Origin: "https://example.org" }), { origins: ["https://example.org"] }],
    ["words in any case", request({ Upgrade: "WebSocket", Connection: "UPGRADE" })],
    ["extensions that are offered, and none is taken", request({ "Sec-WebSocket-Extensions": "permessage-deflate" })],
  ];
  for (const [name, bytes, options] of accepted) {
    test(`accepts ${name}`, async () => {
      const { head } = afterHead(await answer(bytes, options));
      assert.match(head, /^HTTP\/1\.1 101 /);
      assert.doesNotMatch(head, /Extensions/);
    });
  }

  const refused: [string, Uint8Array, RegExp][] = [
    ["an origin of another host", request({ Origin: "http://evil.example" }), /^HTTP\/1\.1 403 /],
    ["the origin null", request({ Origin: "null" }), /^HTTP\/1\.1 403 /],
    ["another version", request({ "Sec-WebSocket-Version": "8" }), /^HTTP\/1\.1 426 [^]*Sec-WebSocket-Version: 13\r\n/],
    ["no key", request({ "Sec-WebSocket-Key": undefined }), /^HTTP\/1\.1 400 /],
    ["a key of 15 bytes", request({ "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25j" }), /^HTTP\/1\.1 400 /],
    ["no Host", request({ Host: undefined }), /^HTTP\/1\.1 400 /],
    ["no Connection", request({ Connection: "close" }), /^HTTP\/1\.1 400 /],
    ["HTTP/1.0", request({}, "GET / HTTP/1.0"), /^HTTP\/1\.1 400 /],
    ["another method", request({}, "POST / HTTP/1.1"), /^HTTP\/1\.1 405 [^]*Allow: GET\r\n/],
    ["no upgrade at all", request({ Upgrade: undefined }), /^HTTP\/1\.1 426 /],
    ["a line that is no field", request({ "a b": "x" }), /^HTTP\/1\.1 400 /],
    ["a space before the colon", request({ "Host ": "x" }), /^HTTP\/1\.1 400 /],
    ["a first line that is not HTTP", request({}, "GET / now"), /^HTTP\/1\.1 400 /],
    ["a head of 9,000 bytes", request({ Cookie: "x".repeat(9000) }), /^HTTP\/1\.1 431 /],
  ];
  for (const [name, bytes, expected] of refused) {
    test(`refuses ${name}`, async () => {
      const all = textOf(await answer(join([bytes, frame(1, "stop")])));
      assert.match(all, expected);
      const [head, body] = all.split("\r\n\r\n");
      assert.match(head, new RegExp(`Content-Length: ${body.length}\\r\\n`), "nothing behind the response");
    });
  }

  test("an end before the head is complete is a failure, one before its first byte is none", async () => {
    assert.equal((await answer(new Uint8Array(0))).length, 0);
    await assert.rejects(answer(request().subarray(0, 20)), { code: "truncated" });
  });
});
