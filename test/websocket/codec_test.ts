/** The framing `websocket` beyond single frames: control messages, output during the handshake, bytes of any kind. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Chunk, echo, type EchopipeError, pipeline, stage } from "echopipe";
import { websocket } from "../../src/framing/websocket/mod.ts";
import { isControl } from "../../src/access/control.ts";
import { allCuts, bytesOf, cutAtFractions, join, places } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { afterHead, frame, framesOf, request } from "./support.ts";

const PROTOCOL = "echopipe.control.1";
const asking = request({ "Sec-WebSocket-Protocol": PROTOCOL });

describe("control messages among texts", () => {
  const hello = '{"type":"hello","version":1}';
  const long = `{"a":"${"x".repeat(5000)}"}`;
  const cases: [string, Uint8Array[], string[]][] = [
    ["in one frame", [frame(1, hello)], [`control:${hello}`]],
    ["in several", [frame(1, hello.slice(0, 9), { final: false }), frame(0, hello.slice(9))], [`control:${hello}`]],
    ["as data it is none", [frame(2, hello)], [`data:${hello}`]],
    ["of another type it is a text", [frame(1, '{"type":"x"}')], ['text:{"type":"x"}']],
    ["a brace", [frame(1, "{"), frame(1, ""), frame(1, "x{")], ["text:{", "text:", "text:x{"]],
  ];
  for (const [name, frames, expected] of cases) {
    test(name, async () => {
      for (const pieces of allCuts(join(frames))) {
        const { decoder } = websocket({ control: { protocol: PROTOCOL, isControl }, chunkSize: 8 });
        const messages: string[] = [];
        let text = "";
        for await (const chunk of decoder.over([asking, ...pieces].map((piece) => piece.slice()))) {
          assert.ok(chunk.length <= 8 || chunk.kind === "control" && chunk.first && chunk.last);
          text = chunk.first ? `${chunk.kind}:` : text;
          text += new TextDecoder().decode(chunk.bytes);
          if (chunk.last) messages.push(text);
        }
        assert.deepEqual(messages, expected);
      }
    });
  }

  test("a text that begins as one and is too long passes in order, in one frame or several", async () => {
    for (
      const frames of [[frame(1, long)], [frame(1, long.slice(0, 4000), { final: false }), frame(0, long.slice(4000))]]
    ) {
      const { decoder } = websocket({ control: { protocol: PROTOCOL, isControl } });
      let text = "";
      for await (const chunk of decoder.over([asking, ...frames])) {
        assert.equal(chunk.first, text === "");
        text += chunk.toText();
      }
      assert.equal(text, long);
    }
  });
});

describe("what is said during the handshake", () => {
  const greeting = (text: string) =>
    stage<Chunk, Chunk>({
      start: (out) => out.push(Chunk.text(text)),
      push: (chunk, out) => out.push(chunk),
    });
  const served = async (text: string, bytes: Uint8Array) => {
    const { decoder, encoder } = websocket();
    return join(
      await Array.fromAsync(pipeline(decoder, greeting(text), encoder).over([bytes]), (view) => view.slice()),
    );
  };

  test("is held until it is done", async () => {
    const { head, rest } = afterHead(await served("welcome", join([request(), frame(1, "hi")])));
    assert.match(head, /^HTTP\/1\.1 101 /);
    const texts = framesOf(rest).map(({ payload }) => new TextDecoder().decode(payload));
    assert.deepEqual(texts.slice(0, 2), ["welcome", "hi"]);
  });

  test("is dropped where there is none, and refused beyond 64 KiB", async () => {
    assert.match(
      new TextDecoder().decode(await served("welcome", bytesOf("GET / HTTP/1.1\r\n\r\n"))),
      /^HTTP\/1\.1 426 [^]*\n$/,
    );
    await assert.rejects(served("x".repeat(70_000), request()), { code: "busy" });
  });
});

test("chunks that do not make up their message are refused", async () => {
  const [a, b] = [bytesOf("ab"), bytesOf("")];
  const wrong = [
    [new Chunk(a, 0, 2, "text", true, false, 2), new Chunk(b, 0, 0, "text", false, true, 2)],
    [new Chunk(a, 0, 2, "text", true, true, 3)],
    [new Chunk(a, 0, 2, "text", true, true, 1)],
    [new Chunk(a, 0, 2, "text", false, true, undefined)],
    [new Chunk(a, 0, 2, "text", true, false, undefined), new Chunk(a, 0, 2, "text", true, true, 2)],
  ];
  for (const chunks of wrong) {
    await assert.rejects(Array.fromAsync(websocket().encoder.over(chunks)), { code: "invalid-argument" });
  }
});

test("by property: any bytes behind a handshake give the same, however they are cut, and fail by a code of framings", async () => {
  const header = fc.constantFrom([0x81, 0x83], [0x01, 0x82], [0x80, 0x81], [0x89, 0x80], [0x88, 0x82], [
    0x82,
    0xfe,
    0,
    130,
  ]);
  const part = fc.oneof(header.map((list) => Uint8Array.from(list)), fc.uint8Array({ maxLength: 12 }));
  const decoded = async (pieces: Uint8Array[]) => {
    const { decoder, encoder } = websocket();
    const sent: Uint8Array[] = [];
    try {
      for await (const bytes of pipeline(decoder, echo(), encoder).over(pieces.map((piece) => piece.slice()))) {
        sent.push(bytes.slice());
      }
    } catch (error) {
      const { code } = error as EchopipeError;
      assert.ok(["protocol", "truncated", "too-large", "invalid-text"].includes(code), String(error));
      return code;
    }
    return framesOf(afterHead(join(sent)).rest).filter(({ opcode }) => opcode >= 8).map(({ payload }) => [...payload]);
  };
  await holds(
    500,
    fc.asyncProperty(fc.array(part, { maxLength: 8 }), places, async (parts, cuts) => {
      const bytes = join(parts);
      assert.deepEqual(await decoded([request(), ...cutAtFractions(bytes, cuts)]), await decoded([request(), bytes]));
    }),
  );
});
