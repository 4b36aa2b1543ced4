/**
 * Faults on purpose: stages that take bytes and give bytes, and do to them what networks do. A tester puts them into a
 * chain, and a server commits them by `--fault`. Nothing here is part of a server that is told of none.
 *
 * @example An echo whose answers come late and in pieces
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, echo, raw, serve } from "echopipe";
 * import { latency, slice } from "echopipe/faults";
 *
 * await using server = await serve({}, (peer) => {
 *   const { decoder, encoder } = raw();
 *   return peer.readable.pipeThrough(decoder).pipeThrough(echo()).pipeThrough(encoder)
 *     .pipeThrough(latency(20)).pipeThrough(slice(3))
 *     .pipeTo(peer.writable);
 * });
 * await using client = await connect({ port: server.address.port });
 * await client.write(new TextEncoder().encode("hello"));
 * await client.endWrite();
 * assert.equal(await new Response(client.readable).text(), "hello");
 * ```
 *
 * @module
 */
export { corrupt, type CorruptOptions } from "./corrupt.ts";
export { cut } from "./cut.ts";
export { type Fault, faultStage } from "./fault.ts";
export { latency, type LatencyOptions } from "./latency.ts";
export { parseFaults } from "./parse.ts";
export { reset } from "./reset.ts";
export { slice } from "./slice.ts";
export { stall, type StallOptions } from "./stall.ts";
export { throttle } from "./throttle.ts";
