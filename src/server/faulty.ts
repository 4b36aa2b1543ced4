/**
 * Sessions with faults on purpose.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { type Fault, faultStage } from "../faults/fault.ts";
import { faultsOf } from "../faults/fault_list.ts";
import { OnPurpose } from "../faults/on_purpose.ts";
import { pipe, type PipeOptions } from "../pipe/pipe.ts";
import { pipeline } from "../stage/pipeline.ts";
import type { Stage } from "../stage/stage.ts";
import type { ServedConnection } from "./session.ts";

/** Runs stages between a connection and itself. */
export type ServePipe = (
  served: ServedConnection,
  stages: Stage<Uint8Array, Uint8Array>,
  options: PipeOptions,
) => Promise<void>;

/**
 * Runs as {@linkcode pipe} does, with faults in what is sent. One that fails on purpose resets the connection, and one
 * that waits is given up when the connection is closed.
 *
 * @throws {EchopipeError} `invalid-argument` for faults that are not understood
 */
export function faultyPipe(asked: string | readonly Fault[]): ServePipe {
  const faults = faultsOf(asked);
  return async (served, stages, options) => {
    const { connection } = served;
    const faulty = faults.map(faultStage).reduce((before, fault) => pipeline(before, fault), stages);
    const gone = new AbortController();
    const closed = new EchopipeError("closed", "Cannot go on: the connection is closed");
    void connection.closed.then(() => gone.abort(closed));
    try {
      await pipe(connection, faulty, connection, { ...options, signal: gone.signal });
    } catch (error) {
      if (error !== closed && !(error instanceof OnPurpose)) throw error;
      served.endsBecause(error instanceof OnPurpose ? `${error.code} on purpose` : "closed");
      connection.reset();
    }
  };
}
