/** MessageSocket: two programs that talk, over real sockets. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Connection, listen, MessageSocket, type MessageSocketOptions, type OpenListener } from "echopipe";
import { bytesOf, join, single } from "./support/cuts.ts";

type Serve = (peer: MessageSocket) => void | Promise<void>;
const errors: unknown[] = [];
const onError = (error: unknown) => void errors.push(error);

/** Runs a dialogue between a server and a client. */
async function dialogue(serve: Serve, talk: Serve, options: MessageSocketOptions = {}): Promise<void> {
  errors.length = 0;
  await using listener = await MessageSocket.listen(
    { onError, onFailure: "finish", ...options },
    async (peer) => await serve(peer),
  );
  await using socket = await MessageSocket.connect({ port: listener.address.port, ...options });
  await talk(socket);
}

/** A message socket against a peer that speaks bytes. */
async function against(serve: (peer: Connection) => Promise<void>, talk: Serve, options: MessageSocketOptions = {}) {
  await using listener: OpenListener = await listen({ onError }, serve);
  await using socket = await MessageSocket.connect({ port: listener.address.port, ...options });
  await talk(socket);
}

async function say(peer: Connection, pieces: Uint8Array[]): Promise<void> {
  for (const piece of pieces) await peer.write(piece);
}

const frame = (kind: number, payload: string, promised = payload.length) =>
  join([Uint8Array.of(kind << 6, 0, promised >>> 8, promised), bytesOf(payload)]);

test("what is neither text nor bytes is refused, and what follows is bounded as before", async () => {
  await using listener = await MessageSocket.listen({}, async (peer) => void await peer.receive());
  await using socket = await MessageSocket.connect({ port: listener.address.port });
  for (const wrong of [5, {}, undefined, null, new ArrayBuffer(3), new Uint16Array(2)]) {
    await assert.rejects(socket.send(wrong as never), { code: "invalid-argument" });
  }
  await socket.send("right");
});

test("question, answer, question: each in answer to the one before, in both directions", async () => {
  await dialogue(
    async (peer) => {
      await peer.send("name?");
      const name = await peer.receive();
      await peer.send(`and your age, ${name}?`);
      await peer.send(`${name} is ${await peer.receive()}`);
    },
    async (socket) => {
      assert.equal(await socket.receive(), "name?");
      await socket.send("Ada");
      assert.equal(await socket.receive(), "and your age, Ada?");
      await socket.send("36");
      assert.equal(await socket.receive(), "Ada is 36");
      assert.equal(await socket.receive(), undefined);
      assert.equal(await socket.receive(), undefined);
    },
  );
  assert.deepEqual(errors, []);
});

test("text and bytes, empty ones and large ones, come as they were sent, in order", async () => {
  const sent = [
    "",
    new Uint8Array(0),
    "größe €",
    Uint8Array.of(0, 255),
    "x".repeat(100_000),
    new Uint8Array(700_000).fill(7),
  ];
  await dialogue(
    async (peer) => {
      for await (const received of peer) await peer.send(received);
    },
    async (socket) => {
      await Promise.all(sent.map((message) => socket.send(message))); // nobody waits in between
      await socket.endWrite();
      assert.deepEqual(await Array.fromAsync(socket), sent);
    },
  );
  assert.deepEqual(errors, []);
});

test("a loop that is left leaves the connection as it is", async () => {
  await dialogue(
    async (peer) => {
      for (const word of ["one", "two", "three"]) await peer.send(word);
      assert.equal(await peer.receive(), "thanks");
    },
    async (socket) => {
      for await (const word of socket) if (word === "two") break;
      assert.equal(await socket.receive(), "three");
      await socket.send("thanks");
    },
  );
  assert.deepEqual(errors, []);
});

test("what was sent arrives though the sender closes at once", async () => {
  await dialogue(
    (peer) => {
      for (let i = 0; i < 100; i++) void peer.send(new Uint8Array(10_000).fill(i));
    },
    async (socket) => {
      const received = await Array.fromAsync(socket);
      assert.deepEqual(received.map((bytes) => [bytes.length, bytes[0]]), received.map((_, i) => [10_000, i]));
      assert.equal(received.length, 100);
    },
  );
  assert.deepEqual(errors, []);
});

test("a limit in both directions; a receiver's is an error for good", async () => {
  await dialogue(async (peer) => {
    await peer.send("12345678");
    await assert.rejects(peer.send("123456789"), { code: "too-large", received: 9, limit: 8 });
    await peer.send("still here");
  }, async (socket) => {
    assert.equal(await socket.receive(), "12345678");
  }, { limit: 8 });
  assert.equal((errors[0] as { code: string }).code, "too-large"); // "still here" has 10 bytes

  await against((peer) => say(peer, [frame(0, "12345678"), frame(0, "", 9)]), async (socket) => {
    assert.equal(await socket.receive(), "12345678");
    const refused = { name: "EchopipeError", code: "too-large", received: 9, limit: 8, position: 12 };
    await assert.rejects(socket.receive(), refused);
    await assert.rejects(socket.receive(), refused);
    await socket.closed;
  }, { limit: 8 });
});

test("messages cut anywhere; an end inside one is an error", async () => {
  const wire = join([frame(0, "one"), frame(1, "two"), frame(0, "th", 5)]);
  await against((peer) => say(peer, single(wire)), async (socket) => {
    assert.deepEqual([await socket.receive(), await socket.receive()], ["one", bytesOf("two")]);
    await assert.rejects(socket.receive(), { code: "truncated", position: 20 });
  });
});

test("a reserved kind is a protocol error", async () => {
  await against((peer) => say(peer, [frame(0, "one"), frame(3, "two")]), async (socket) => {
    assert.equal(await socket.receive(), "one");
    await assert.rejects(socket.receive(), { code: "protocol", position: 7 });
  });
});

test("text that is not UTF-8 is an error of that message alone", async () => {
  await against((peer) => say(peer, [Uint8Array.of(0, 0, 0, 1, 0xff), frame(0, "fine")]), async (socket) => {
    await assert.rejects(socket.receive(), { code: "invalid-text" });
    assert.equal(await socket.receive(), "fine");
  });
});

test("control messages pass between the others", async () => {
  const heard: string[] = [];
  const wire = join([frame(2, '{"type":"bye"}'), frame(0, "one"), frame(2, "{}")]);
  await against((peer) => say(peer, [wire]), async (socket) => {
    assert.equal(await socket.receive(), "one");
    assert.equal(await socket.receive(), undefined);
  }, { limit: 3, onControl: (json) => void heard.push(json) });
  assert.deepEqual(heard, ['{"type":"bye"}', "{}"]);
});

test("half a surrogate pair is not sent, and the connection goes on", async () => {
  await dialogue(
    async (peer) => {
      await assert.rejects(peer.send("\ud834"), { code: "invalid-text" });
      await peer.send("fine");
    },
    async (socket) => assert.equal(await socket.receive(), "fine"),
  );
});

test("a peer that is gone: send and receive fail, and nothing else does", async () => {
  await dialogue((peer) => peer.abort(), async (socket) => {
    const end = await socket.receive().catch((error) => error.code);
    assert.ok(end === undefined || end === "reset", `${end}`);
    socket.abort();
    await assert.rejects(socket.send("anyone?"), { code: "closed" });
    await assert.rejects(async () => {
      while (await socket.receive() !== undefined);
      throw Object.assign(new Error(), { code: "closed" }); // the end had been seen before
    }, { code: end === undefined ? "closed" : "reset" });
  });
  assert.deepEqual(errors, []);
});

test("closing while a message is waited for", async () => {
  await dialogue(
    async (peer) => void await peer.receive(),
    (socket) => {
      socket.receive().catch(() => {});
    },
  );
  assert.deepEqual(errors, []);
});

test("too much that waits to be sent is refused", async () => {
  await dialogue(
    async (peer) => void await peer.receive(),
    async (socket) => {
      const large = new Uint8Array(9 * 1024 * 1024);
      const sent = [socket.send(large), socket.send(large)];
      const [, second] = await Promise.allSettled(sent.map((sending) => Promise.race([sending, Promise.resolve()])));
      assert.equal(second.status, "rejected");
      socket.abort();
      await Promise.allSettled(sent);
    },
    { limit: 10 * 1024 * 1024 },
  );
});

test("a limit out of its range is refused", async () => {
  await using listener = await listen({ onError }, () => {});
  const attempt = MessageSocket.connect({ port: listener.address.port, limit: 2 ** 30 });
  await assert.rejects(attempt, { code: "invalid-argument" });
});
