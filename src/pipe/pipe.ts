/**
 * Runs streams through a stage.
 *
 * @module
 */
import type { Stage } from "../stage/stage.ts";
import { sinkOf, sourceOf } from "./byte_streams.ts";
import { type CoupleOptions, Coupling } from "./byte_pipe.ts";

/**
 * `readable.pipeThrough(stage).pipeTo(writable)`: the same bytes, backpressure, errors and end.
 *
 * Where both streams are those of a {@linkcode Connection}, no stream stands between the socket's read, the stage and
 * the socket's write: what a read brings passes the stage in one call, and leaves in one write.
 *
 * @example An echo server, whole
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, couple, echo, listen, pipeline, raw } from "echopipe";
 *
 * await using listener = await listen({}, (peer) => {
 *   const { decoder, encoder } = raw();
 *   return couple(peer.readable, pipeline(decoder, echo(), encoder), peer.writable);
 * });
 * await using connection = await connect({ port: listener.address.port });
 * const writer = connection.writable.getWriter();
 * await writer.write(new TextEncoder().encode("hello"));
 * await writer.close();
 * assert.deepEqual(await new Response(connection.readable).text(), "hello");
 * ```
 */
export async function couple(
  readable: ReadableStream<Uint8Array>,
  stage: Stage<Uint8Array, Uint8Array>,
  writable: WritableStream<Uint8Array>,
  options?: CoupleOptions,
): Promise<void> {
  const source = sourceOf(readable);
  const sink = sinkOf(writable);
  if (source === undefined || sink === undefined) {
    await readable.pipeThrough(stage).pipeTo(writable);
    return;
  }
  // Locked, as a pipe locks them: nobody else reads or writes meanwhile.
  const reader = readable.getReader();
  const writer = writable.getWriter();
  reader.closed.catch(() => {});
  writer.closed.catch(() => {});
  try {
    await new Coupling(source, stage, sink, options).run();
  } catch (error) {
    // As a pipe does: a failure of the one end ends the other.
    await Promise.allSettled([source.abort(error), sink.abort(error)]);
    throw error;
  } finally {
    reader.releaseLock();
    writer.releaseLock();
  }
}

export type { CoupleOptions };
