import assert from "node:assert/strict";
import { test } from "node:test";
import { readsOfAll, SocketState } from "../../src/runtime/socket_state.ts";

/** A state, and how often it has closed its socket. */
function open() {
  const socket = { closed: 0, close: () => void socket.closed++ };
  return { socket, state: new SocketState(socket) };
}

const ends: Record<string, (state: SocketState) => void> = {
  "the peer's end": (state) => state.readEnded(),
  "the own end": (state) => state.writeEnded(),
};

for (const [name, first] of Object.entries(ends)) {
  const [other] = Object.values(ends).filter((end) => end !== first);
  test(`${name} leaves the other direction open; both close the socket, once`, async () => {
    const { socket, state } = open();
    first(state);
    first(state);
    assert.deepEqual([state.isClosed, socket.closed], [false, 0]);
    assert.deepEqual([state.readDone, state.writeDone], [
      first === ends["the peer's end"],
      first === ends["the own end"],
    ]);
    const closed = state.closed;
    other(state);
    assert.deepEqual([state.isClosed, socket.closed], [true, 1]);
    await closed;
    first(state);
    state.close();
    assert.equal(socket.closed, 1);
  });
}

test("a close ends both directions at once", async () => {
  const { socket, state } = open();
  state.close();
  assert.deepEqual([state.readDone, state.writeDone, state.isClosed, socket.closed], [true, true, true, 1]);
  await state.closed; // asked for after the close
});

test("no read is pending after one that returned bytes, and after the end", () => {
  const { state } = open();
  state.reading = true;
  state.received(1);
  assert.equal(state.reading, false);
  state.reading = true;
  state.readEnded();
  assert.equal(state.reading, false);
});

test("traffic is counted, and whoever watches is called after each", () => {
  const { state } = open();
  const before = readsOfAll();
  state.received(10);
  let seen = 0;
  state.watch = () => seen++;
  state.received(5);
  state.sent(7);
  assert.deepEqual(state.traffic, { received: 15, sent: 7, reads: 2, writes: 1 });
  assert.equal(seen, 2);
  assert.equal(readsOfAll() - before, 2);
});
