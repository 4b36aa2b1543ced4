/**
 * Parts of a server that cannot be given to another thread: each worker makes its own.
 *
 * @module
 */
import type { UserStore } from "../identity/users.ts";
import type { ServiceLog } from "../service_log.ts";
import type { Service } from "./services.ts";

/** The parts of one worker. */
export interface WorkerParts {
  /** The users, which have to be the same at every worker. */
  readonly users?: UserStore;
  /** Makes the handler of each client of the worker. Default: the service of the server's options, if it has a name. */
  readonly service?: Service;
  /** Called when the worker's clients have ended. */
  close(): Promise<void>;
}

/** The function that a module of parts exports as `makeParts`. */
export type MakeParts<Data = unknown> = (data: Data, log: ServiceLog) => Promise<WorkerParts>;

/** A module of parts, and what its function is given. */
export interface PartsModule {
  /** The URL of the module. */
  readonly module: string;
  /** Passed to `makeParts`: anything that can be sent to another thread. */
  readonly data: unknown;
}

/** Makes the parts of this thread; none where there is no module. */
export async function makePartsOf(source: PartsModule | undefined, log: ServiceLog): Promise<WorkerParts> {
  if (source === undefined) return { close: () => Promise.resolve() };
  const { makeParts }: { makeParts: MakeParts } = await import(source.module);
  return await makeParts(source.data, log);
}
