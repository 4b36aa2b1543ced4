/**
 * The load generator, as a function.
 *
 * @module
 */
import { ended, type RunningServer, start } from "./process.ts";
import type { Framing, Tools } from "./kinds.ts";

/** What to put on a server. */
export interface Load {
  readonly connections: number;
  /** Bytes of a message. */
  readonly bytes: number;
  /** Messages in flight on each connection. */
  readonly window: number;
}

/** What came of it. */
export interface LoadResult {
  /** Until every connection was open and had one message back. */
  readonly connect_s: number;
  /** 10^6 bytes a second, one way. */
  readonly mb_s: number;
  readonly messages_s: number;
  readonly p50_us: number;
  readonly p99_us: number;
  /** The longest any message took, or had waited at the end. */
  readonly longest_us: number;
  /** Messages since then, those of the warm-up included. */
  readonly all_messages: number;
  /** Connections that the server ended. */
  readonly ended: number;
  /** Processor time of the load generator, in seconds. */
  readonly user_s: number;
  readonly system_s: number;
  /** How long it could have run and no core was free. */
  readonly waited_s: number;
}

const words = (load: Load, framing: Framing) => [
  ...["-c", String(load.connections), "-b", String(load.bytes), "-w", String(load.window)],
  ...["-f", framing === "message" ? "len32" : "none"],
];

/**
 * Puts a load on a server for some seconds; calls `onReady` when every connection was served once. Rejects where a byte
 * differs or a connection ends.
 */
export async function runLoad(
  tools: Tools,
  server: RunningServer,
  framing: Framing,
  load: Load,
  seconds: number,
  onReady: () => void = () => {},
): Promise<LoadResult> {
  const command = [tools.load, ...words(load, framing), "-t", String(seconds), String(server.port)];
  const child = start(command, ["ignore", "pipe", "pipe"]);
  child.stdout!.once("data", onReady);
  const [, json] = (await ended(child, "the load generator")).split("\n");
  const result: LoadResult = JSON.parse(json);
  if (result.ended > 0) throw new Error(`Cannot measure: the server ended ${result.ended} connections`);
  return result;
}

/** Keeps peers connected, each after one message there and back, while `work` runs. */
export async function withIdlePeers<T>(
  tools: Tools,
  server: RunningServer,
  framing: Framing,
  connections: number,
  work: () => Promise<T>,
): Promise<T> {
  const command = [tools.load, ...words({ connections, bytes: 5, window: 1 }, framing), "-i", String(server.port)];
  const child = start(command, ["pipe", "pipe", "pipe"]);
  const done = ended(child, "the load generator");
  await Promise.race([done, new Promise((resolve) => child.stdout!.once("data", resolve))]);
  try {
    return await work();
  } finally {
    child.stdin!.end();
    await done;
  }
}
