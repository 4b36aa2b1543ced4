/** Pipes from a byte source to a byte sink, with nothing between. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Chunk, echo, exit, line, message, pipe, pipeline, raw, type Stage, stage } from "echopipe";
import fc from "fast-check";
import { readableFrom, writableTo } from "../../src/pipe/streams.ts";
import { joinSmall } from "../../src/pipe/join_small.ts";
import { PromptSink, ScriptedFeed, ScriptedSink, ScriptedSource } from "echopipe/testing";
import { bytesOf, cutAtFractions, join, places, textOf } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { collect, nameOf, Source as StreamOf } from "../support/ways.ts";

type Bytes = Stage<Uint8Array, Uint8Array>;

/** Pipes a scripted source through a stage to a sink, as the literal chain does; the code of the error, if any. */
async function run(source: ScriptedSource, stage: Bytes, sink: ScriptedSink): Promise<string | undefined> {
  try {
    await readableFrom(source).pipeThrough(stage).pipeTo(writableTo(sink));
  } catch (error) {
    return nameOf(error);
  }
}

/** A source that is read and a sink that is waited for; a source that gives what it has and a sink that is done at once. */
const ways = {
  "read, waited for": { Source: ScriptedSource, Sink: ScriptedSink },
  "given, done at once": { Source: ScriptedFeed, Sink: PromptSink },
};

function inBothWays(name: string, run: (way: { Source: typeof ScriptedSource; Sink: typeof ScriptedSink }) => unknown) {
  for (const [how, way] of Object.entries(ways)) test(`${name} (${how})`, async () => void await run(way));
}

const echoOf = (framing: typeof line): Bytes => {
  const { decoder, encoder } = framing({ chunkSize: 3 });
  return pipeline(decoder, exit(), echo<Chunk>(), encoder);
};

inBothWays("direct = by streams: in output, error and end, for any bytes and cuts", async ({ Source, Sink }) => {
  const wires = fc.oneof(
    fc.constantFrom("one\ntwo\n", "one\nexit\ntwo\n", "exit\n", "one\nexi").map(bytesOf),
    fc.constantFrom([0, 0, 0, 1, 65, 0xc0, 0, 0, 0], [0, 0, 0, 4, 101, 120, 105, 116, 1], [0, 0, 0, 2, 65]).map((b) =>
      Uint8Array.from(b)
    ),
    fc.uint8Array({ maxLength: 20 }),
  );
  await holds(
    200,
    fc.asyncProperty(
      wires,
      places,
      fc.constantFrom(line, raw, message),
      fc.boolean(),
      async (wire, fractions, framing, fails) => {
        const pieces = cutAtFractions(wire, fractions);
        const failure = fails ? new Error("source") : undefined;
        const piped = await collect(
          (new StreamOf({ items: pieces, failure }).readable as ReadableStream<Uint8Array>).pipeThrough(
            echoOf(framing),
          ),
          (view) => (view as Uint8Array).slice(),
        );
        const source = new Source(pieces, failure ?? "end");
        const sink = new Sink();
        const error = await run(source, echoOf(framing), sink);
        assert.equal(error, piped.failure);
        assert.deepEqual(join(sink.written), join(piped.items as Uint8Array[]));
        assert.equal(sink.ended, error === undefined ? 1 : 0);
        assert.equal(sink.aborted !== undefined, error !== undefined);
      },
    ),
  );
});

inBothWays("a blocked sink: the source is read no further than one batch", async ({ Source, Sink }) => {
  const gate = Promise.withResolvers<void>();
  const source = new Source(Array(50).fill(bytesOf("line\n")));
  const sink = new Sink();
  sink.gate = gate.promise;
  const running = run(source, echoOf(line), sink);
  for (let i = 0; i < 10; i++) await nextTurn();
  assert.equal(source.taken, 1);
  gate.resolve();
  await running;
  assert.equal(textOf(join(sink.written)), "line\n".repeat(50));
});

inBothWays("a stage that makes much of one item is held back by the sink", async ({ Source, Sink }) => {
  let made = 0;
  const many: Bytes = stage(async (_item, out) => {
    for (; made < 100; made++) {
      out.push(new Uint8Array(1024));
      await out.flush();
      assert.ok(made <= sink.written.length, `${made} made, ${sink.written.length} written`);
    }
  });
  const sink = new Sink();
  assert.equal(await run(new Source([bytesOf("go")]), pipeline(many, echo<Uint8Array>()), sink), undefined);
  assert.equal(join(sink.written).length, 102_400);
});

inBothWays(
  "a sink that fails: the source is ended with the reason, the stages hear it, once",
  async ({ Source, Sink }) => {
    for (const slow of [false, true]) {
      const heard: unknown[] = [];
      const observed: Bytes = stage({
        push: slow
          ? async (item, out) => (await null, out.push(item), await out.flush())
          : (item, out) => out.push(item),
        cancel: (reason) => void heard.push(nameOf(reason)),
      });
      const source = new Source(Array(5).fill(bytesOf("x")), "silence");
      const sink = new Sink(2);
      assert.equal(await run(source, pipeline(observed, echo<Uint8Array>()), sink), "sink");
      assert.equal(nameOf(source.aborted?.reason), "sink");
      if (!slow) assert.deepEqual(heard, ["sink"]);
      assert.equal(join(sink.written).length, 2);
    }
  },
);

inBothWays("a sink that fails stops a stage that never ends of itself", async ({ Source, Sink }) => {
  let stopped: unknown;
  const endless: Bytes = stage(async (item, out) => {
    try {
      for (;;) {
        out.push(item);
        await out.flush();
      }
    } catch (reason) {
      stopped = reason;
      throw reason;
    }
  });
  assert.equal(
    await run(new Source([bytesOf("x")]), pipeline(endless, echo<Uint8Array>()), new Sink(5)),
    "sink",
  );
  for (let i = 0; i < 5 && stopped === undefined; i++) await nextTurn();
  assert.equal(nameOf(stopped), "sink");
});

inBothWays(
  "a source that fails: what came before is written, the stages and the sink hear the reason",
  async ({ Source, Sink }) => {
    let heard: unknown;
    const observed: Bytes = stage({ push: (item, out) => out.push(item), cancel: (reason) => void (heard = reason) });
    const sink = new Sink();
    assert.equal(await run(new Source([bytesOf("x")], new Error("source")), observed, sink), "source");
    assert.equal(textOf(join(sink.written)), "x");
    assert.equal(nameOf(heard), "source");
    assert.equal(nameOf(sink.aborted?.reason), "source");
  },
);

inBothWays("a stage that throws: what it made before is written, held back or not", async ({ Source, Sink }) => {
  for (const make of [() => broken(), () => pipeline(broken(), echo<Uint8Array>())]) {
    const sink = new Sink();
    assert.equal(await run(new Source([bytesOf("a"), bytesOf("b")]), make(), sink), "no b");
    assert.equal(textOf(join(sink.written)), "ab");
  }
  function broken(): Bytes {
    const held: Uint8Array[] = [];
    return stage({
      push(item) {
        held.push(item);
        if (textOf(item) === "b") throw new Error("no b");
      },
      flush: (out) => held.splice(0).forEach((item) => out.push(item)),
    });
  }
});

inBothWays("a stage that ends the stream while the source is silent", async ({ Source, Sink }) => {
  const ending: Bytes = stage({
    start(out) {
      out.push(bytesOf("hello"));
      void nextTurn().then(() => {
        out.push(bytesOf(" and goodbye"));
        out.end();
      });
    },
    push: () => {},
  });
  const sink = new Sink();
  const source = new Source([], "silence");
  assert.equal(await run(source, pipeline(ending, echo<Uint8Array>()), sink), undefined);
  assert.equal(textOf(join(sink.written)), "hello and goodbye");
  assert.equal(sink.ended, 1);
});

inBothWays("a stage that ends the stream: what comes after is left to the next reader", async ({ Source, Sink }) => {
  const source = new Source(["a", "b", "c"].map(bytesOf), "silence");
  const sink = new Sink();
  const first: Bytes = stage((item, out) => {
    out.push(item);
    out.end();
  });
  assert.equal(await run(source, first, sink), undefined);
  assert.equal(source.taken, 1);
  assert.equal(textOf(join(sink.written)), "a");
  assert.equal(sink.ended, 1);
});

inBothWays("a stage that ends the stream in its end: the sink is ended once", async ({ Source, Sink }) => {
  for (const make of [(ending: Bytes) => ending, (ending: Bytes) => pipeline(ending, echo<Uint8Array>())]) {
    const sink = new Sink();
    const ending: Bytes = stage({
      push: (item, out) => out.push(item),
      async end(out) {
        await nextTurn();
        out.push(bytesOf("!"));
        out.end();
        await nextTurn();
      },
    });
    assert.equal(await run(new Source([bytesOf("a")]), make(ending), sink), undefined);
    assert.equal(textOf(join(sink.written)), "a!");
    assert.equal(sink.ended, 1);
  }
});

inBothWays(
  "a stage whose end fails after it ended the stream: that is the failure of the run",
  async ({ Source, Sink }) => {
    const failing: Bytes = stage({
      push: (item, out) => out.push(item),
      async end(out) {
        out.end();
        await nextTurn();
        throw new Error("end");
      },
    });
    assert.equal(await run(new Source([bytesOf("a")]), failing, new Sink()), "end");
  },
);

inBothWays("a stage that talks of itself all the time is still given what comes", async ({ Source, Sink }) => {
  let told = false;
  const talking: Bytes = stage({
    start(out) {
      void (async () => {
        while (!told) {
          out.push(bytesOf("."));
          await out.flush();
          await null;
        }
        out.end();
      })();
    },
    push: (item) => void (told = textOf(item) === "stop"),
  });
  const sink = new Sink();
  assert.equal(await run(new Source(["go", "on", "stop"].map(bytesOf), "silence"), talking, sink), undefined);
  assert.equal(sink.ended, 1);
});

inBothWays(
  "a sink that cannot be ended: the stage, which has ended, is not cancelled too",
  async ({ Source, Sink }) => {
    const heard: string[] = [];
    const sink = new Sink();
    sink.endWrite = () => Promise.reject(new Error("sink"));
    const seen: Bytes = stage({
      push: (item: Uint8Array, out) => out.push(item),
      end: () => void heard.push("end"),
      cancel: () => void heard.push("cancel"),
    });
    assert.equal(await run(new Source([bytesOf("a")]), seen, sink), "sink");
    assert.deepEqual(heard, ["end"]);
  },
);

test("what a stage says of itself waits for the write under way: one write at a time, in order", async () => {
  const source = readableFrom(
    {
      pieces: ["a", "b", "c"],
      read() {
        const next = this.pieces.shift();
        return Promise.resolve(next === undefined ? null : bytesOf(next));
      },
      release() {},
      abort() {},
    } as Parameters<typeof readableFrom>[0] & { pieces: string[] },
  );
  let writing = 0;
  let most = 0;
  let written = "";
  const sink = writableTo({
    async write(bytes) {
      most = Math.max(most, ++writing);
      await nextTurn();
      written += textOf(bytes);
      writing--;
    },
    endWrite: () => Promise.resolve(),
    abort() {},
  });
  const chatty = stage<Uint8Array, Uint8Array>((bytes, out) => {
    out.push(bytes);
    queueMicrotask(() => {
      out.push(bytesOf("!"));
      out.flush();
    });
  });
  await source.pipeThrough(chatty).pipeTo(sink);
  assert.equal(most, 1);
  assert.equal(written, "a!b!c!");
});

inBothWays(
  "a signal ends the run: it fails with the reason, and so do the stages, the source and the sink",
  async ({ Source, Sink }) => {
    for (const early of [true, false]) {
      const controller = new AbortController();
      const heard: unknown[] = [];
      const seen: Bytes = stage({ push: (item, out) => out.push(item), cancel: (reason) => void heard.push(reason) });
      const [source, sink] = [new Source([bytesOf("a")], "silence"), new Sink()];
      if (early) controller.abort("enough");
      const run = pipe(source, seen, sink, { signal: controller.signal });
      const failed = assert.rejects(run, (reason) => reason === "enough");
      await nextTurn();
      controller.abort("enough");
      await failed;
      assert.equal(textOf(join(sink.written)), early ? "" : "a");
      assert.deepEqual([heard, source.aborted?.reason, sink.aborted?.reason], [["enough"], "enough", "enough"]);
    }
  },
);

test("gathered: the same bytes, no more pieces than needed", async () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 16_000, max: 40_000 })));
  await holds(
    100,
    fc.property(sizes, (sizes) => {
      const pieces = sizes.map((size, i) => new Uint8Array(size).fill(i));
      const gathered = joinSmall([...pieces]);
      assert.deepEqual(join(gathered), join(pieces));
      for (let i = 1; i < gathered.length; i++) {
        const both = gathered[i - 1].length + gathered[i].length;
        assert.ok(both > 1024, "neighbours that could have been one");
      }
    }),
  );
});
