/** Decoders of one's own: every request, cut everywhere, under limits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decoder, type DecoderOptions, type Grammar, type Reader, type Reading, type Stage, stage } from "echopipe";
import { bytesOf, everyCut, inTwo, join, ScriptedSink, ScriptedSource, textOf } from "echopipe/testing";
import { pipe } from "../../src/pipe/pipe.ts";
import { pipeline } from "../../src/stage/pipeline.ts";

const copy = (item: unknown) => item instanceof Uint8Array ? [...item] : item;

/** Checks a grammar with the wire cut in every way. */
async function decodes<T>(
  grammar: Grammar<T>,
  wire: string | Uint8Array,
  expected: unknown[],
  failure?: string,
  options?: DecoderOptions,
): Promise<void> {
  const bytes = typeof wire === "string" ? bytesOf(wire) : wire;
  await everyCut(() => decoder(grammar, options), bytes, expected, { map: copy, failure });
}

/** Decodes all of it in one read; returns the error. */
async function failureOf<T>(grammar: Grammar<T>, wire: string, options?: DecoderOptions): Promise<unknown> {
  return await Array.fromAsync(decoder(grammar, options).over([bytesOf(wire)])).then(() => undefined, (error) => error);
}

/** Checks some fields of an error. */
function hasFacts(error: unknown, facts: Record<string, unknown>): void {
  const found = Object.keys(facts).map((name) => [name, (error as Record<string, unknown>)[name]]);
  assert.deepEqual(Object.fromEntries(found), facts);
}

test("integers of one, two and four bytes, in both byte orders", async () => {
  const wire = Uint8Array.of(255, 0x12, 0x34, 0x34, 0x12, 0xfe, 0xdc, 0xba, 0x98, 0x98, 0xba, 0xdc, 0xfe);
  await decodes(
    function* (read) {
      return [
        yield* read.u8(),
        yield* read.u16(),
        yield* read.u16("little"),
        yield* read.u32(),
        yield* read.u32("little"),
      ];
    },
    join([wire, wire]),
    Array(2).fill([255, 0x1234, 0x1234, 0xfedcba98, 0xfedcba98]),
  );
});

test("exactly, text, peek", async () => {
  await decodes(
    function* (read) {
      if ((yield* read.peek()) === 0x21) return yield* read.exactly(3);
      return yield* read.text(yield* read.u8());
    },
    join([
      bytesOf("!ab"),
      Uint8Array.of(3),
      bytesOf("€"),
      Uint8Array.of(0),
      Uint8Array.of(12),
      bytesOf("größer als 0")
        .subarray(0, 12),
    ]),
    [[33, 97, 98], "€", "", "größer als"],
  );
});

test("until a delimiter of one byte and of several, with false starts", async () => {
  const grammar = (delimiter: string | Uint8Array): Grammar<string> =>
    function* (read) {
      return textOf(yield* read.until(delimiter));
    };
  await decodes(grammar("\r\n"), "one\r\n\r\n\r\rtwo\r\r\nx\r\n", ["one", "", "\r\rtwo\r", "x"]);
  await decodes(grammar("aab"), "aaabaabaaaab", ["a", "", "aa"]);
  await decodes(grammar(Uint8Array.of(0)), "a\0bc\0", ["a", "bc"]);
});

test("lines, long and short, with both ends", async () => {
  const long = "x".repeat(40);
  await decodes(
    function* (read) {
      return yield* read.line();
    },
    `a\n\n\r\nb\r\n${long}\n${long}\r\nä\r\r\n`,
    ["a", "", "", "b", long, long, "ä\r"],
  );
});

test("integers in decimal digits, and literals", async () => {
  const number = (delimiter: string): Grammar<number> =>
    function* (read) {
      yield* read.literal(":");
      return yield* read.decimal(delimiter);
    };
  const wire = ":0\r\n:12\r\n:-7\r\n:0042\r\n:9007199254740991\r\n:-9007199254740991\r\n";
  const expected = [0, 12, -7, 42, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER];
  await decodes(number("\r\n"), wire, expected);
  await decodes(number(" "), ":1 :-2 ", [1, -2]);
  await decodes(number("end"), ":1end:23end", [1, 23]);
  for (const wrong of [":\r\n", ":x\r\n", ":1x\r\n", ":1\r", ":--1\r\n", ":1.5\r\n", ":9007199254740993\r\n"]) {
    await decodes(number("\r\n"), ":5\r\n" + wrong, [5], wrong === ":1\r" ? "truncated" : "protocol");
  }
  await decodes(number("\r\n"), ":" + "1".repeat(30), [], "too-large");
  const error = await failureOf(number("\r\n"), ":5\r\n:1x\r\n");
  hasFacts(error, { code: "protocol", position: 5, received: '"1x"' });
  const greeting: Grammar<string> = function* (read) {
    yield* read.literal("hé ");
    return yield* read.line();
  };
  await decodes(greeting, "hé you\nhé there\n", ["you", "there"]);
  await decodes(greeting, "hé you\nhe", ["you"], "protocol");
  hasFacts(await failureOf(greeting, "hé you\nhe"), { code: "protocol", position: 9, received: "the byte 0x65" });
});

test("pieces of a content of any length, and what follows it", async () => {
  let total = 0;
  const wire = join([Uint8Array.of(0, 0, 10), bytesOf("0123456789"), Uint8Array.of(0, 0, 1), bytesOf("x")]);
  for (const pieces of [[wire], ...inTwo(wire)]) {
    const contents = decoder<string>(function* (read) {
      yield* read.skip(1);
      let left = yield* read.u16();
      while (left > 0) {
        const piece = yield* read.some(Math.min(left, 4));
        assert.ok(piece.length <= 4);
        left -= piece.length;
        yield textOf(piece);
      }
    });
    const text = (await Array.fromAsync(contents.over(pieces))).join("");
    assert.equal(text, "0123456789x");
    total++;
  }
  assert.equal(total, wire.length);
});

test("a grammar of the whole stream: its own end, and the rest", async () => {
  await decodes(
    function* (read) {
      while (!(yield* read.atEnd())) yield yield* read.u16();
      yield "end";
    } as Grammar<number | string>,
    "abcd",
    [0x6162, 0x6364, "end"],
  );
  await decodes(
    function* (read) {
      const first = yield* read.line();
      return [first, textOf(yield* read.rest())];
    },
    "a\nbcd\n",
    [["a", "bcd\n"]],
  );
});

test("leftovers at the end are an error with the position, unless the grammar handles it", async () => {
  const pair: Grammar<number> = function* (read) {
    return yield* read.u16();
  };
  await decodes(pair, "abc", [0x6162], "truncated");
  assert.deepEqual(
    { ...await failureOf(pair, "abc") as object },
    {
      name: "EchopipeError",
      code: "truncated",
      position: 3,
      received: 1,
      expected: 2,
      limit: undefined,
    },
  );
  await decodes(
    function* (read) {
      try {
        return yield* read.line();
      } catch {
        return "unfinished " + textOf(yield* read.rest());
      }
    },
    "a\nb",
    ["a", "unfinished b"],
  );
});

test("a limit of all requests, and one of a request; the error names both numbers", async () => {
  const options = { limit: 4 };
  const exactly: Grammar<Uint8Array> = function* (read) {
    return yield* read.exactly(yield* read.u8());
  };
  await decodes(exactly, "\x04abcd\x05", [[97, 98, 99, 100]], "too-large", options);
  const error = await failureOf(exactly, "\x04abcd\x05", options) as Error;
  hasFacts(error, { code: "too-large", position: 6, received: 5, limit: 4 });
  assert.match(error.message, /^Cannot decode: found 5 bytes or more at byte 6 of the stream; expected at most 4$/);
  const line: Grammar<string> = function* (read) {
    return yield* read.line();
  };
  await decodes(line, "abcd\nabcde\n", ["abcd"], "too-large", options);
  await decodes(line, "abcd\nabcdefgh", ["abcd"], "too-large", options);
  await decodes(
    function* (read) {
      return yield* read.line({ limit: 5 });
    },
    "abcde\n",
    ["abcde"],
    undefined,
    options,
  );
  await decodes(
    function* (read) {
      return textOf(yield* read.until("\r\n"));
    },
    "abcd\r\nabcde\r\n",
    ["abcd"],
    "too-large",
    options,
  );
  await decodes(
    function* (read) {
      return yield* read.rest();
    },
    "abcde",
    [],
    "too-large",
    options,
  );
});

test("a fault of the grammar carries the position", async () => {
  const error = await failureOf(function* (read) {
    const type = yield* read.u8();
    if (type !== 1) throw read.fault(`a type of ${type}`, "1");
    return type;
  }, "\x01\x01\x07") as Error;
  hasFacts(error, { code: "protocol", position: 3, received: "a type of 7", expected: "1" });
  assert.equal(error.message, "Cannot decode: found a type of 7 at byte 3 of the stream; expected 1");
  hasFacts(
    await failureOf(function* (read) {
      return yield* read.exactly(-1);
    }, "a"),
    { code: "protocol", received: "a length of -1" },
  );
  hasFacts(
    await failureOf(function* (read) {
      return yield* read.text(1);
    }, "a\xff"),
    { code: "invalid-text", position: 1 },
  );
});

test("a grammar that reads nothing is an error, not an endless loop", async () => {
  const error = await failureOf(function* () {}, "a");
  hasFacts(error, { code: "invalid-argument", position: 0 });
});

test("views that a grammar holds across reads stay as they are, on a connection too", async () => {
  function* words(read: Reader): Reading<Uint8Array[]> {
    const list: Uint8Array[] = [];
    for (let left = yield* read.u8(); left > 0; left--) list.push(yield* read.exactly(3));
    return list;
  }
  const wire = join([Uint8Array.of(3), bytesOf("onetwosix"), Uint8Array.of(1), bytesOf("ten")]);
  const map = (list: Uint8Array[]) => list.map(textOf);
  await everyCut(() => decoder(words), wire, [["one", "two", "six"], ["ten"]], { map });

  // A source that reads into one buffer, as sockets do.
  for (let size = 1; size < wire.length; size++) {
    const sink = new ScriptedSink();
    const texts = stage<Uint8Array[], Uint8Array>((list, out) => out.push(bytesOf(list.map(textOf).join("") + " ")));
    await pipe(new ReusingSource(wire, size), pipeline(decoder(words), texts), sink);
    assert.equal(textOf(join(sink.written)), "onetwosix ten ", `reads of ${size} bytes`);
  }
});

/** A source that overwrites the bytes of a read that was released. */
class ReusingSource extends ScriptedSource {
  #last: Uint8Array | undefined;

  constructor(wire: Uint8Array, size: number) {
    const count = Math.ceil(wire.length / size);
    super(Array.from({ length: count }, (_, i) => wire.slice(i * size, (i + 1) * size)));
  }

  override async read(): Promise<Uint8Array | null> {
    const bytes = await super.read();
    this.#last = bytes ?? undefined;
    return bytes;
  }

  override release(): void {
    this.#last?.fill(0x2d);
  }
}

test("no gathering is quadratic: a long item in small reads", async () => {
  const megabyte = 1 << 20;
  const piece = new Uint8Array(64).fill(97);
  const source = Array.from(
    { length: megabyte / 64 },
    (_, i) => i < megabyte / 64 - 1 ? piece : bytesOf("a".repeat(62) + "\r\n"),
  );
  const grammars: Grammar<Uint8Array>[] = [
    function* (read) {
      return yield* read.until("\r\n");
    },
    function* (read) {
      return yield* read.exactly(megabyte);
    },
  ];
  for (const grammar of grammars) {
    const begin = performance.now();
    const [item] = await Array.fromAsync(decoder(grammar, { limit: megabyte }).over(source));
    assert.ok(item.length >= megabyte - 2);
    assert.ok(performance.now() - begin < 20_000, "it takes the time of a quadratic algorithm");
  }
});

test("begun: inside an item, and not between two, for the timeout of a header", () => {
  const out = { push() {}, flush() {}, end() {}, fail() {}, keep() {} };
  const each = decoder((read) => read.u16());
  const whole = decoder<number>(function* (read) {
    while (!(yield* read.atEnd())) yield yield* read.u16();
  });
  for (const stage of [each, whole]) {
    const begun = [stage.begun];
    for (const piece of [[1], [2], [1, 2, 3], [4]]) {
      stage.push(Uint8Array.from(piece), out);
      begun.push(stage.begun);
    }
    assert.deepEqual(begun, [false, true, false, true, false]);
  }
});

test("a decoder that is left lets the grammar clean up", async () => {
  let cleaned = 0;
  const held: Stage<Uint8Array, number> = decoder(function* (read) {
    try {
      yield yield* read.u8();
      yield* read.exactly(100);
    } finally {
      cleaned++;
    }
  });
  for await (const first of held.over([bytesOf("ab")])) {
    assert.equal(first, 97);
    break;
  }
  assert.equal(cleaned, 1);
});
