/** The framing `websocket`, case by case (RFC 6455), each in one piece, byte for byte, and cut in two everywhere. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { echo, EchopipeError } from "echopipe";
import { websocket, type WebSocketOptions } from "../../src/framing/websocket/mod.ts";
import { pipeline } from "../../src/stage/pipeline.ts";
import { allCuts, cutAtFractions, join, places, textOf } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { afterHead, frame, type FrameOptions, framesOf, request } from "./support.ts";

/** All that an echo server sends to a client that sends these pieces, and the failure that ended it. */
async function served(pieces: readonly Uint8Array[], options: WebSocketOptions = {}) {
  const { decoder, encoder } = websocket(options);
  const sent: Uint8Array[] = [];
  let failure: unknown;
  try {
    for await (const bytes of pipeline(decoder, echo(), encoder).over(pieces.map((piece) => piece.slice()))) {
      sent.push(bytes.slice());
    }
  } catch (error) {
    failure = error;
  }
  return { ...afterHead(join(sent)), failure };
}

const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10];
const code = (number: number) => Uint8Array.of(number >> 8, number & 0xff);
const bytes = (...list: number[]) => Uint8Array.from(list);
const some = (length: number) => Uint8Array.from({ length }, (_, i) => i * 7 & 0x7f);
/** A frame of a server as it is expected: opcode and payload, and `false` where it is not final. */
type Expected = [number, Uint8Array | string, false?];
const normal: Expected = [CLOSE, code(1000)];
const part = (opcode: number, payload: Uint8Array | string, options: FrameOptions = {}) =>
  frame(opcode, payload, { ...options, final: false });

const clean: [string, Uint8Array[], Expected[]][] = [
  ["no frame at all: a close frame all the same", [], [normal]],
  ["an empty text", [frame(TEXT)], [[TEXT, ""], normal]],
  ["an empty binary message", [frame(BINARY)], [[BINARY, ""], normal]],
  ["a text", [frame(TEXT, "Hello, 世界")], [[TEXT, "Hello, 世界"], normal]],
  ...[1, 125, 126, 127, 128, 300].map((length): [string, Uint8Array[], Expected[]] => [
    `binary of ${length} bytes`,
    [frame(BINARY, some(length))],
    [[BINARY, some(length)], normal],
  ]),
  ["a fragmented text, one fragment empty", [
    part(TEXT, "frag"),
    part(CONTINUATION, ""),
    frame(CONTINUATION, "ment"),
  ], [[TEXT, "frag", false], [CONTINUATION, "ment"], normal]],
  ["all fragments empty", [part(TEXT, ""), part(CONTINUATION, ""), frame(CONTINUATION, "")], [[TEXT, ""], normal]],
  ["a character split between fragments", [part(TEXT, bytes(0xe2, 0x82)), frame(CONTINUATION, bytes(0xac))], [
    [TEXT, bytes(0xe2, 0x82), false],
    [CONTINUATION, bytes(0xac)],
    normal,
  ]],
  ["a ping is answered by its payload", [frame(PING, "are you there")], [[PONG, "are you there"], normal]],
  ["an empty ping", [frame(PING)], [[PONG, ""], normal]],
  ["a ping of 125 bytes", [frame(PING, some(125))], [[PONG, some(125)], normal]],
  ["a pong that nobody asked for is ignored", [frame(PONG, "so there"), frame(TEXT, "x")], [[TEXT, "x"], normal]],
  ["a ping between fragments is answered between frames", [
    part(TEXT, "a"),
    frame(PING, "p"),
    frame(CONTINUATION, "b"),
  ], [[TEXT, "a", false], [PONG, "p"], [CONTINUATION, "b"], normal]],
  ["a close without a code", [frame(CLOSE)], [[CLOSE, ""]]],
  ["a close with a code and a reason", [frame(CLOSE, join([code(1001), bytes(0x62, 0x79, 0x65)]))], [[
    CLOSE,
    code(1001),
  ]]],
  ["nothing behind a close counts", [frame(CLOSE, code(1000)), frame(TEXT, "late")], [normal]],
  ["a close of one byte", [frame(CLOSE, bytes(3))], [[CLOSE, code(1002)]]],
  ...[0, 999, 1004, 1005, 1006, 1015, 1100, 2999, 5000, 65535].map((number): [string, Uint8Array[], Expected[]] => [
    `a close with ${number}, which nobody may send`,
    [frame(CLOSE, code(number))],
    [[CLOSE, code(1002)]],
  ]),
  ...[1000, 1003, 1007, 1011, 3000, 4999].map((number): [string, Uint8Array[], Expected[]] => [
    `a close with ${number}`,
    [frame(CLOSE, code(number))],
    [[CLOSE, code(number)]],
  ]),
  ["a close whose reason is no UTF-8", [frame(CLOSE, join([code(1000), bytes(0xff)]))], [[CLOSE, code(1007)]]],
];

const wrong: [string, Uint8Array[], string, RegExp][] = [
  ...[1, 2, 4].map((rsv): [string, Uint8Array[], string, RegExp] => [
    `reserved bit ${rsv}`,
    [frame(TEXT, "x", { rsv })],
    "protocol",
    /a reserved bit is set/,
  ]),
  ...[3, 7, 11, 15].map((opcode): [string, Uint8Array[], string, RegExp] => [
    `reserved opcode ${opcode}`,
    [frame(opcode, "")],
    "protocol",
    /opcode|bits/,
  ]),
  ["a frame without a mask", [frame(TEXT, "x", { masked: false })], "protocol", /not masked/],
  ["a fragmented ping", [part(PING, "x")], "protocol", /control frame is fragmented/],
  ["a ping of 126 bytes", [frame(PING, some(126))], "protocol", /126 bytes; expected 0 to 125/],
  ["a continuation of nothing", [frame(CONTINUATION, "x")], "protocol", /none was begun/],
  ["a text inside a text", [part(TEXT, "x"), frame(TEXT, "y")], "protocol", /begins inside another/],
  ["a length in 16 bits that fits 7", [frame(TEXT, "x", { width: 16 })], "protocol", /shortest form/],
  ["a length in 64 bits that fits 16", [frame(TEXT, some(200), { width: 64 })], "protocol", /shortest form/],
  ["a length of 2^63", [bytes(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4)], "too-large", /the limit is/],
  ["text that is no UTF-8", [frame(TEXT, bytes(0x61, 0xce, 0xba, 0xff))], "invalid-text", /does not continue/],
  ["a surrogate in UTF-8", [frame(TEXT, bytes(0xed, 0xa0, 0x80))], "invalid-text", /does not continue/],
  ["an overlong form", [frame(TEXT, bytes(0xc0, 0xaf))], "invalid-text", /does not continue/],
  ["beyond U+10FFFF", [frame(TEXT, bytes(0xf4, 0x90, 0x80, 0x80))], "invalid-text", /does not continue/],
  ["text that ends inside a character", [frame(TEXT, bytes(0xe2, 0x82))], "invalid-text", /does not continue/],
  ["an end inside a header", [frame(TEXT, "x").subarray(0, 3)], "truncated", /inside a frame/],
  ["an end inside a payload", [frame(TEXT, "xyz").subarray(0, 8)], "truncated", /inside a frame/],
  ["an end between fragments", [part(TEXT, "x")], "truncated", /in several frames/],
];

describe("frames", () => {
  for (const [name, frames, expected] of clean) {
    test(name, async () => {
      for (const pieces of allCuts(join(frames))) {
        const { rest, failure } = await served([request(), ...pieces], { chunkSize: 1 << 16 });
        assert.equal(failure, undefined);
        const got = framesOf(rest);
        const payload = (opcode: number) => join(got.filter((one) => one.opcode === opcode).map((one) => one.payload));
        // Where it is cut, a message whose size is not known comes back in more frames: together they are the same.
        assert.deepEqual(
          together(got),
          together(expected.map(([opcode, body, final = true]) => ({
            opcode,
            final,
            payload: typeof body === "string" ? new TextEncoder().encode(body) : body,
          }))),
          textOf(payload(CLOSE)),
        );
      }
    });
  }
  for (const [name, frames, errorCode, said] of wrong) {
    test(`${name}: ${errorCode}`, async () => {
      for (const pieces of allCuts(join(frames))) {
        const { rest, failure } = await served([request(), ...pieces]);
        assert.ok(failure instanceof EchopipeError, String(failure));
        assert.equal(failure.code, errorCode);
        assert.match(failure.message, said);
        // The peer is told why, unless its message was echoed in part: no frame can stand inside another.
        const last = framesOf(rest, true).at(-1);
        if (last?.opcode === -1 && (pieces.length > 1 || errorCode === "truncated")) continue;
        const number = { "protocol": 1002, "truncated": 1002, "too-large": 1009, "invalid-text": 1007 }[errorCode]!;
        assert.deepEqual([last?.opcode, last?.payload], [CLOSE, code(number)]);
      }
    });
  }

  test("a message beyond the limit, in one frame or several", async () => {
    for (const frames of [[frame(TEXT, some(11))], [part(TEXT, some(6)), frame(CONTINUATION, some(5))]]) {
      const { failure } = await served([request(), ...frames], { limit: 10 });
      assert.equal((failure as EchopipeError).code, "too-large");
    }
  });

  test("by property: any messages, fragmented and cut anywhere, masked by any key, come back", async () => {
    const message = fc.record({
      text: fc.boolean(),
      parts: fc.array(fc.string({ unit: "grapheme", maxLength: 300 }), { minLength: 1, maxLength: 4 }),
      key: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
      ping: fc.boolean(),
    });
    const chunkSize = fc.constantFrom(1, 3, 64, 1024);
    await holds(
      200,
      fc.asyncProperty(fc.array(message, { maxLength: 5 }), places, chunkSize, async (messages, cuts, chunkSize) => {
        const wire = messages.flatMap(({ text, parts, key, ping }) =>
          parts.flatMap((body, i) => [
            ...(ping ? [frame(PING, `${i}`, { key })] : []),
            frame(i > 0 ? CONTINUATION : text ? TEXT : BINARY, body, { key, final: i === parts.length - 1 }),
          ])
        );
        const pieces = cutAtFractions(join([request(), ...wire]), cuts);
        const { rest, failure } = await served(pieces, { chunkSize });
        assert.equal(failure, undefined);
        const got = messagesOf(framesOf(rest));
        const expected = messages.map(({ text, parts }) => [text ? TEXT : BINARY, parts.join("")]);
        assert.deepEqual(got, expected);
      }),
    );
  });
});

type Frames = ReturnType<typeof framesOf>;

/** Frames of one message as one, each ping and close by itself, in order of their ends. */
function together(frames: Frames): unknown[] {
  const all: unknown[] = messagesOf(frames);
  return [...all, ...frames.filter(({ opcode }) => opcode >= 8).map(({ opcode, payload }) => [opcode, [...payload]])];
}

/** The messages of frames: opcode and text. */
function messagesOf(frames: Frames): [number, string][] {
  const messages: [number, string][] = [];
  let open: { opcode: number; parts: Uint8Array[] } | undefined;
  for (const { opcode, final, payload } of frames) {
    if (opcode >= 8) continue;
    assert.equal(opcode === CONTINUATION, open !== undefined, "a continuation where one was expected");
    open ??= { opcode, parts: [] };
    open.parts.push(payload);
    if (!final) continue;
    messages.push([open.opcode, textOf(join(open.parts))]);
    open = undefined;
  }
  assert.equal(open, undefined, "a message is not complete");
  return messages;
}
