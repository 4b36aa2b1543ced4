/** A handler that never settles, and its client that has left. */
import assert from "node:assert/strict";
import type net from "node:net";
import { test } from "node:test";
import { type Connection, echo, pipe, pipeline, raw, type ServeOptions, stage } from "echopipe";
import { serve } from "echopipe/server";
import { within } from "../support/deadline.ts";
import { open } from "../support/sockets.ts";

const never = new Promise<never>(() => {});
const handlers: Record<string, (peer: Connection) => Promise<unknown>> = {
  "reads nothing": () => never,
  "has read once": async (peer) => {
    await peer.read();
    await never;
  },
  "is stuck in a stage": (peer) => {
    const { decoder, encoder } = raw();
    return pipe(peer, pipeline(decoder, echo(), stage((_chunk) => never), encoder), peer);
  },
};
const leaving: Record<string, (client: net.Socket) => unknown> = {
  "resets": (client) => client.resetAndDestroy(),
  "closes": (client) => client.end(),
};

for (const [what, handler] of Object.entries(handlers)) {
  for (const [how, leave] of Object.entries(leaving)) {
    for (const words of ["", "hello"]) {
      if (words === "" && what !== "reads nothing") continue; // it would notice the end, and is over
      test(`10-13: a handler that ${what} gives its place back when its client ${how}${words && " after some bytes"}`, async () => {
        const closed: string[] = [];
        const options: ServeOptions = {
          maxConnections: 1,
          finTimeout: 1,
          onClose: (peer, { received }, reason) => {
            assert.ok(peer.isClosed);
            assert.equal(received, words.length);
            closed.push(reason);
          },
        };
        await using server = await serve(options, handler);
        const client = await open(server.address.port);
        client.on("error", () => {});
        client.write(words);
        await within(() => server.connections === 1, "it is connected");
        if (words !== "") await new Promise((resume) => setTimeout(resume, 50));
        leave(client);
        await within(() => server.connections === 0, "its place is free");
        await within(() => closed.length === 1, "onClose is called");
        assert.match(closed[0], how === "resets" ? /^reset or lost$/ : /ended, and nothing was sent to it for 1 s/);
        await server.stop();
        assert.equal(closed.length, 1);
        client.destroy();
      });
    }
  }
}
