/** examples/json_rpc.ts: calls in flight, errors, notifications, bad input. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connect } from "echopipe";
import { bytesOf } from "echopipe/testing";
import { type Method, RpcClient, serveRpc } from "../../examples/json_rpc.ts";
import { authority, server as certificate } from "../support/certificates.ts";
import { exchange } from "../support/sockets.ts";

const notes: unknown[] = [];
const methods: Record<string, Method> = {
  add: (params) => (params as number[]).reduce((sum, n) => sum + n, 0),
  later: async (params) => {
    await new Promise((resume) => setTimeout(resume, params as number));
    return params as number;
  },
  fail: () => {
    throw new Error("it fails");
  },
  failLater: () => Promise.reject(new Error("it fails later")),
  note: (params) => notes.push(params),
};

/** A server and a client of it. */
async function withClient(talk: (client: RpcClient, port: number) => Promise<void>): Promise<void> {
  await using server = await serveRpc(methods);
  await using client = new RpcClient(await connect({ port: server.address.port }));
  await talk(client, server.address.port);
}

test("10,000 calls in flight", () =>
  withClient(async (client) => {
    const sums = await Promise.all(Array.from({ length: 10_000 }, (_, i) => client.call("add", [i, 1])));
    assert.deepEqual(sums, Array.from({ length: 10_000 }, (_, i) => i + 1));
  }));

test("over TLS, 10,000 calls in flight", async () => {
  await using server = await serveRpc(methods, { tls: certificate });
  const { port } = server.address;
  await using client = new RpcClient(await connect({ host: "localhost", port, tls: { ca: authority } }));
  const sums = await Promise.all(Array.from({ length: 10_000 }, (_, i) => client.call("add", [i, 1])));
  assert.deepEqual(sums, Array.from({ length: 10_000 }, (_, i) => i + 1));
  assert.equal(await client.call("later", 1), 1);
});

test("over a Unix socket, 10,000 calls in flight", async () => {
  const folder = await mkdtemp(join(tmpdir(), "echopipe-rpc-"));
  try {
    const path = join(folder, "socket");
    await using _server = await serveRpc(methods, { path });
    await using client = new RpcClient(await connect({ path }));
    const sums = await Promise.all(Array.from({ length: 10_000 }, (_, i) => client.call("add", [i, 1])));
    assert.deepEqual(sums, Array.from({ length: 10_000 }, (_, i) => i + 1));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("a slow method holds up no other", () =>
  withClient(async (client) => {
    const order: unknown[] = [];
    await Promise.all([
      client.call("later", 100).then((ms) => order.push(ms)),
      client.call("add", [1, 2]).then((sum) => order.push(sum)),
    ]);
    assert.deepEqual(order, [3, 100]);
  }));

test("errors of methods, unknown methods, notifications, a call that is given up", () =>
  withClient(async (client) => {
    await assert.rejects(client.call("fail"), { message: "it fails (-32000)" });
    await assert.rejects(client.call("failLater"), { message: "it fails later (-32000)" });
    await assert.rejects(client.call("toString"), { message: "Method not found (-32601)" });
    await client.notify("note", "heard");
    await client.notify("fail");
    const stop = new AbortController();
    const hanging = client.call("later", 200, stop.signal);
    stop.abort(new Error("given up"));
    await assert.rejects(hanging, { message: "given up" });
    assert.equal(await client.call("add", [20, 1]), 21);
    assert.deepEqual(notes, ["heard"]);
  }));

test("what is not JSON, or no call, is answered by the errors of the specification", async () => {
  await using server = await serveRpc(methods);
  const wire = '{"jsonrpc":\n42\nnull\n{"method":"add"}\n{"jsonrpc":"2.0","id":"a","method":"add","params":[1,2]}\n';
  const replies = (await exchange(server.address.port, bytesOf(wire))).toString().trimEnd().split("\n");
  assert.deepEqual(replies.map((reply) => JSON.parse(reply)), [
    { jsonrpc: "2.0", id: null, error: { code: -32700, message: "Parse error" } },
    { jsonrpc: "2.0", id: null, error: { code: -32600, message: "Invalid Request" } },
    { jsonrpc: "2.0", id: null, error: { code: -32600, message: "Invalid Request" } },
    { jsonrpc: "2.0", id: null, error: { code: -32600, message: "Invalid Request" } },
    { jsonrpc: "2.0", id: "a", result: 3 },
  ]);
});
