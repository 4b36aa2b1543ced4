import { once } from "node:events";
import type net from "node:net";
import { messageBytes, open } from "../../support/sockets.ts";
import { inTurns } from "../peers.ts";
import { Findings, type Row, share, withinTime } from "../row.ts";

const long = messageBytes(new Uint8Array(2 << 20), "data");

/** States of a connection, and how a client gets there. */
const states: Record<string, (socket: net.Socket) => unknown> = {
  connected: () => {},
  "in a header": (socket) => socket.write(long.subarray(0, 2)),
  "in a payload": (socket) => socket.write(long.subarray(0, 1000)),
  answered: async (socket) => {
    socket.write(messageBytes("hello"));
    await once(socket, "data");
  },
  "an echo that nobody reads": (socket) => {
    socket.pause();
    socket.write(long);
  },
  "half-closed": (socket) => {
    socket.end(messageBytes("hello"));
    return once(socket, "finish");
  },
  "half-closed, unread": (socket) => {
    socket.pause();
    socket.end(long);
  },
};
const endings: Record<string, (socket: net.Socket) => unknown> = {
  // While its FIN waits to be sent, Node cannot reset; closing with unread bytes resets, too.
  reset: (socket) => socket.writableEnded && !socket.writableFinished ? socket.destroy() : socket.resetAndDestroy(),
  close: (socket) => socket.destroy(),
  // It goes a little later, as a client that waits for the rest in vain.
  "half-close": (socket) => {
    socket.end();
    setTimeout(() => socket.destroy(), 50);
  },
};

/** Resets, closes and half-closes at every state. */
export const everyState: Row = {
  id: "states",
  title:
    "resets, closes and half-closes in 7 states of a connection, 50 times each: the server serves on, leaks nothing",
  peers: true,
  deadline: 120,
  async run(target, size) {
    const findings = new Findings();
    await using server = await target.start({ flags: ["--framing", target.ours ? "message" : "raw"] });
    const hello = "\0\0\0\x02hi";
    findings.expect(await server.serves(10, hello), "it did not serve at the start");
    const before = server.descriptors;
    const cases = Object.values(states).flatMap((state) => Object.values(endings).map((ending) => ({ state, ending })));
    await inTurns(cases.length * share(50, size), 20, async (i) => {
      const { state, ending } = cases[i % cases.length];
      const socket = await withinTime(open(server.port), 5000, "a connection").catch(() => undefined);
      if (socket === undefined) return;
      socket.on("error", () => {});
      const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
      await withinTime(Promise.resolve(state(socket)), 5000, "a state").catch(() => {});
      ending(socket);
      await withinTime(closed, 5000, "a close").catch(() => socket.destroy());
    });
    const served = await server.serves(10, hello);
    findings.add("serves after", Number(served), { better: "more" });
    findings.expect(served, server.alive ? "it serves nobody any more" : "its process ended");
    const left = await server.descriptorsLeft(before);
    findings.add("descriptors left open", left, { better: "less" });
    findings.expect(left === 0, `${left} descriptors stayed open`);
    return findings;
  },
};
