/** Every framing against the contract. */
import { auto, Chunk, type Kind, lengthPrefix, line, message, raw } from "echopipe";
import fc from "fast-check";
import { bytesOf, join } from "../support/cuts.ts";
import { anyMessage, type FramingUnderTest, testFraming, type WireCase } from "./contract.ts";

/** A message on echopipe's wire: kind in the two highest bits, length in the others. */
const frame = (kind: 0 | 1 | 2 | 3, payload: string, promised = payload.length) =>
  join([Uint8Array.of(kind << 6 | promised >>> 24, promised >>> 16, promised >>> 8, promised), bytesOf(payload)]);
const text = (payload: string, promised?: number) => frame(0, payload, promised);
const long = "a message longer than a chunkSize";

const lineCases: Record<string, WireCase> = {
  "one line": { wire: "one\n", messages: ["one\n"] },
  "several lines in one read": { wire: "one\ntwo\nthree\n", messages: ["one\n", "two\n", "three\n"] },
  "\\n, \\r\\n, a lone \\r": { wire: "a\nb\r\nc\rd\n", messages: ["a\n", "b\r\n", "c\rd\n"] },
  "empty lines": { wire: "\n\r\n\n", messages: ["\n", "\r\n", "\n"] },
  "no terminator at the end": { wire: "one\ntwo", messages: ["one\n", "two!"] },
  "a \\r at the end": { wire: "one\r", messages: ["one\r!"] },
  "a line longer than a chunkSize": { wire: `${long}\nx\n`, messages: [`${long}\n`, "x\n"] },
  "a line of exactly a chunkSize": { wire: "abc\nabcd\nabcde\n", messages: ["abc\n", "abcd\n", "abcde\n"] },
  "an HTTP request": { wire: "GET / HTTP/1.1\r\n\r\n", messages: ["GET / HTTP/1.1\r\n", "\r\n"] },
};

const messageCases: Record<string, WireCase> = {
  "one message": { wire: text("one"), messages: ["one"] },
  "several messages in one read": { wire: join([text("one"), text("two"), text("3")]), messages: ["one", "two", "3"] },
  "every kind": {
    wire: join([text("t"), frame(1, "dat"), frame(2, "control"), text("u")]),
    messages: ["t", "data:dat", "control:control", "u"],
  },
  "messages of no bytes": {
    wire: join([text(""), frame(1, ""), text("x"), text("")]),
    messages: ["", "data:", "x", ""],
  },
  "a message longer than a chunkSize": { wire: text(long), messages: [long] },
  "a message of exactly a chunkSize": { wire: join([text("abcd"), text("abcdefgh")]), messages: ["abcd", "abcdefgh"] },
  "the end inside a header": {
    wire: join([text("one"), Uint8Array.of(0, 0, 0)]),
    messages: ["one"],
    failure: "truncated",
  },
  "the end just after a header that promises a payload": {
    wire: join([text("one"), text("", 5)]),
    messages: ["one"],
    failure: "truncated",
  },
  "the end inside a payload": { wire: text("ab", 5), messages: ["ab!"], failure: "truncated" },
  "the end inside a control message": { wire: frame(2, "ab", 5), messages: [], failure: "truncated" },
  "a reserved kind, and what follows it is not interpreted": {
    wire: join([text("one"), frame(3, "bad"), text("not this")]),
    messages: ["one"],
    failure: "protocol",
  },
  "a control message that is too long": {
    wire: join([text("one"), frame(2, "x", 4097), text("no")]),
    messages: ["one"],
    failure: "too-large",
  },
};

const framings: FramingUnderTest[] = [
  {
    name: "raw",
    make: raw,
    message: anyMessage("data"),
    keepsMessages: false,
    cases: {
      "bytes as they are": { wire: "exit\nany\0thing", messages: ["data:exit\nany\0thing!"] },
      "more than a chunkSize": { wire: long, messages: [`data:${long}!`] },
    },
  },
  {
    name: "line",
    make: line,
    message: fc.string().map((words) => Chunk.text(`${words.replaceAll("\n", "")}\n`)),
    keepsMessages: false,
    cases: lineCases,
  },
  {
    name: "message",
    make: message,
    message: anyMessage("text", "data", "control"),
    keepsMessages: true,
    cases: {
      ...messageCases,
      "an HTTP request is the length 1,195,725,856 with a kind": {
        wire: "GET / HTTP/1.1\r\n\r\n",
        messages: ["data:/ HTTP/1.1\r\n\r\n!"],
        failure: "truncated",
      },
      "a TLS ClientHello is a length that never comes": {
        wire: Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00, 0x01),
        messages: ["\0\u0001!"],
        failure: "truncated",
      },
    },
  },
  {
    name: "auto, for messages",
    make: auto,
    encode: () => message().encoder,
    message: anyMessage("text"),
    keepsMessages: true,
    cases: {
      ...messageCases,
      "a data message of 64 MiB and more begins like no text": {
        wire: Uint8Array.of(0x40, 0, 0, 1),
        messages: ["@\0\0\u0001!"],
      },
    },
  },
  {
    name: "auto, for lines",
    make: auto,
    message: lineMessage(),
    keepsMessages: false,
    cases: {
      ...lineCases,
      "an HTTP request": { wire: "GET / HTTP/1.1\r\n\r\n", messages: [], failure: "protocol" },
      "a line that begins as one": { wire: "GET up\nGET / HTTP/1.1\n", messages: ["GET up\n", "GET / HTTP/1.1\n"] },
      "an end where it may still be one": { wire: "GET / HTTP/1.1\r", messages: ["GET / HTTP/1.1\r!"] },
    },
  },
];

function lineMessage(): fc.Arbitrary<Chunk> {
  return fc.string({ minLength: 1 }).map((words) => Chunk.text(`.${words}\n`));
}

/** A plain length field in one of its layouts, for payloads below 128 bytes. */
function lengthFraming(width: 1 | 2 | 3 | 4 | 8, order: "big" | "little", includesHeader: boolean): FramingUnderTest {
  const header = (length: number) => {
    const bytes = new Uint8Array(width);
    bytes[order === "big" ? width - 1 : 0] = length + (includesHeader ? width : 0);
    return bytes;
  };
  const field = (payload: string, promised = payload.length) => join([header(promised), bytesOf(payload)]);
  const cases: Record<string, WireCase> = {
    "one, several, none of no bytes": {
      wire: join([field("one"), field(""), field(long), field("4444")]),
      messages: ["one", "", long, "4444"],
    },
    "the end just after a header": { wire: join([field("one"), header(5)]), messages: ["one"], failure: "truncated" },
    "the end inside a payload": { wire: field("abc", 5), messages: ["abc!"], failure: "truncated" },
    "length = limit": { wire: field("x".repeat(100)), messages: ["x".repeat(100)] },
    "length = limit + 1: refused from the header alone": {
      wire: join([field("one"), header(101)]),
      messages: ["one"],
      failure: "too-large",
    },
  };
  if (width > 1) {
    cases["the end inside a header"] = {
      wire: join([field("one"), header(1).subarray(0, width - 1)]),
      messages: ["one"],
      failure: "truncated",
    };
  }
  if (includesHeader) {
    cases["a length that its own field exceeds"] = {
      wire: join([field("one"), field("", -1)]),
      messages: ["one"],
      failure: "protocol",
    };
  }
  return {
    name: `length of ${width}, ${order}-endian${includesHeader ? ", counting itself" : ""}`,
    make: (options) => lengthPrefix({ ...options, width, order, includesHeader, limit: 100 }),
    message: anyMessage("text" as Kind),
    keepsMessages: true,
    cases,
  };
}

for (const framing of framings) testFraming(framing);
for (const width of [1, 2, 3, 4, 8] as const) {
  testFraming(lengthFraming(width, "big", false));
  if (width > 1) testFraming(lengthFraming(width, "little", width === 2));
  testFraming(lengthFraming(width, "big", true));
}
