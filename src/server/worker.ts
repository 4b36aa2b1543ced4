/**
 * A worker of a server: a thread that serves clients on a port that it shares with others.
 *
 * @module
 */
import process from "node:process";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { EchopipeError, type ErrorCode, messageOf } from "../errors.ts";
import { transport } from "../runtime/mod.ts";
import { Clients } from "./clients.ts";
import { Counters } from "./counters.ts";
import { EchoSession } from "./echo_session.ts";
import { listenWith } from "./listen.ts";
import { openGate } from "../access/gate.ts";
import { type ServerOptions, serverSettings } from "./options.ts";
import { makePartsOf } from "./worker_parts.ts";
import { type PostedRecord, postingLog, RecordCount } from "./worker_log.ts";

/** The data a worker starts with. */
export interface WorkerData {
  /** Those of the server that can be given to another thread; the port is that which is shared. */
  readonly options: ServerOptions;
  /** Memory of the server's {@linkcode Counters}. */
  readonly counters: SharedArrayBuffer;
  /** Memory of the server's {@linkcode RecordCount}. */
  readonly records: SharedArrayBuffer;
}

/** The one message to a worker: asks it to stop. */
export interface StopMessage {
  /** Time for its clients to end, in milliseconds. Default: that of every drain. */
  readonly limit?: number;
}

/** A message from a worker. */
export type WorkerMessage =
  | PostedRecord
  /** It accepts clients. */
  | { readonly type: "listening" }
  /** A client that may said `stop`. */
  | { readonly type: "stop-requested"; readonly by: string }
  /** Its clients have ended, and this is its last message. */
  | { readonly type: "stopped" }
  /** It cannot go on. */
  | { readonly type: "failed"; readonly code: ErrorCode; readonly message: string };

async function work(port: MessagePort, { options, counters, records }: WorkerData): Promise<void> {
  const post = (message: WorkerMessage) => port.postMessage(message);
  const failed = (error: unknown) =>
    post({ type: "failed", code: error instanceof EchopipeError ? error.code : "io", message: messageOf(error) });
  process.on("uncaughtException", failed);
  process.on("unhandledRejection", failed);
  const told = new Promise<StopMessage>((resolve) => port.once("message", resolve));

  const log = postingLog(post, new RecordCount(records));
  const parts = await makePartsOf(options.workerParts, log);
  const settings = serverSettings({ ...options, users: parts.users, service: parts.service ?? options.service });
  const gate = await openGate(settings);
  const { faults } = settings;
  const faulty = faults.length > 0 ? (await import("./faulty.ts")).faultyPipe(faults) : undefined;
  const stopRequested = (by: string) => post({ type: "stop-requested", by });
  const clients = new Clients({
    limits: settings.limits,
    counters: new Counters(counters),
    log,
    makeSession: (served) => new EchoSession(served, { settings, gate, faulty, stopRequested }),
  });
  const { host, port: shared, tls, limits } = settings;
  const handshakeTimeout = limits.headerTimeout * 1000;
  let listener;
  try {
    const listen = await listenWith((await transport()).listen, settings);
    listener = await listen({ host, port: shared, tls, handshakeTimeout, reusePort: true }, clients);
  } catch (error) {
    return failed(error);
  }
  post({ type: "listening" });
  clients.watch();
  const { limit } = await told;
  clients.close();
  await listener.close();
  await gate.close();
  await clients.drain(limit);
  await gate[Symbol.asyncDispose]();
  await parts.close();
  post({ type: "stopped" });
}

if (parentPort !== null) void work(parentPort, workerData as WorkerData);
