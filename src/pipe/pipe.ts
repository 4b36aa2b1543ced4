/**
 * Pipes bytes through a stage, with no stream in between.
 *
 * @module
 */
import { type DirectOptions, runDirect } from "../stage/chain.ts";
import type { Stage } from "../stage/stage.ts";
import { ByteOrigin } from "./byte_origin.ts";
import type { ByteSink, ByteSource } from "./bytes.ts";
import { WriteQueue } from "./write_queue.ts";

/** The options of {@linkcode pipe}. */
export interface PipeOptions extends DirectOptions {
  /** True: the end of the stream leaves the sink open, for what follows. Default false: the sink is ended. */
  readonly preventClose?: boolean;
}

/**
 * Runs a stage between a source and a sink of bytes: the same as `readable.pipeThrough(stage).pipeTo(writable)`,
 * without making the streams. The bytes of one read pass the stage in one call, and leave in one write.
 *
 * Resolves when the source or the stage has ended, all output is written and the sink was ended. Rejects with the first
 * failure, once the output that preceded it is written; source and sink are then aborted, unless `preventCancel` or
 * `preventAbort` is set; `signal` makes it fail with the signal's reason. A stage that ends the stream leaves the source
 * open: what follows can still be read, with the bytes that a grammar's decoder before it had not used.
 *
 * @example A complete echo server
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
  stage: Stage<Uint8Array<ArrayBuffer>, Uint8Array>,
  sink: ByteSink,
  options?: PipeOptions,
): Promise<void> {
  const stages = stage.claim();
  return runDirect(
    new ByteOrigin(source),
    stages,
    (chain) => new WriteQueue(sink, chain, options?.preventClose),
    options,
  );
}
