/**
 * Sessions with faults on purpose.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { OnPurpose } from "../faults/on_purpose.ts";
import { pipe, type PipeOptions } from "../pipe/pipe.ts";
import type { Stage } from "../stage/stage.ts";
import type { ServedConnection } from "./session.ts";

/**
 * Runs stages between a connection and itself, as {@linkcode pipe} does. A fault that fails on purpose resets the
 * connection, and a fault that waits is given up when the connection is closed.
 */
export async function serveFaulty(
  served: ServedConnection,
  stages: Stage<Uint8Array, Uint8Array>,
  options: PipeOptions,
): Promise<void> {
  const { connection } = served;
  const gone = new AbortController();
  const closed = new EchopipeError("closed", "Cannot go on: the connection is closed");
  void connection.closed.then(() => gone.abort(closed));
  try {
    await pipe(connection, stages, connection, { ...options, signal: gone.signal });
  } catch (error) {
    if (error !== closed && !(error instanceof OnPurpose)) throw error;
    served.endsBecause(error instanceof OnPurpose ? `${error.code} on purpose` : "closed");
    connection.reset();
  }
}
