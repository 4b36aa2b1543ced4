/**
 * Bytes through a stage, with no stream between.
 *
 * @module
 */
import { type DirectOptions, runDirect } from "../stage/chain.ts";
import type { Stage } from "../stage/stage.ts";
import { ByteOrigin } from "./byte_origin.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";
import { WriteQueue } from "./write_queue.ts";

/** The options of {@linkcode pipe}. */
export type PipeOptions = DirectOptions;

/**
 * Runs a stage between a source and a sink of bytes: the function under
 * `readable.pipeThrough(stage).pipeTo(writable)`, for who has no use for the streams. What a read brings passes the stage
 * in one call, and leaves in one write. Resolves when the source or the stage has ended, all is written and the sink was
 * ended; rejects with the first failure, after what was made before it is written: source and sink are then aborted,
 * unless `preventCancel` or `preventAbort` is set.
 *
 * A stage that ends the stream leaves the source as it is: what follows can still be read.
 *
 * @example An echo server, whole
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, echo, listen, pipe, pipeline, raw } from "echopipe";
 *
 * await using listener = await listen({}, (peer) => {
 *   const { decoder, encoder } = raw();
 *   return pipe(peer, pipeline(decoder, echo(), encoder), peer);
 * });
 * await using connection = await connect({ port: listener.address.port });
 * await connection.write(new TextEncoder().encode("hello"));
 * await connection.endWrite();
 * assert.deepEqual(await new Response(connection.readable).text(), "hello");
 * ```
 *
 * @throws {EchopipeError} `in-use` if the stage already serves a stream
 */
export function pipe(
  source: ByteSource,
  stage: Stage<Uint8Array, Uint8Array>,
  sink: ByteSink,
  options?: PipeOptions,
): Promise<void> {
  const stages = stage.claim();
  return runDirect(new ByteOrigin(source), stages, (chain) => new WriteQueue(sink, chain), options);
}
