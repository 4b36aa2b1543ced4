/**
 * The echo server, to be started from a program of one's own.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { MessageSocket } from "echopipe";
 * import { startServer } from "echopipe/server";
 *
 * await using server = await startServer({ port: 0 });
 * await using client = await MessageSocket.connect({ port: server.address.port });
 * await client.send("hello");
 * assert.equal(await client.receive(), "hello");
 * ```
 *
 * @module
 */
export { type RunningServer, serve, type ServeOptions } from "./serve.ts";
export type { ClientHooks } from "./client.ts";
export type { Renewal } from "./run_server.ts";
export { type Server, startServer } from "./server.ts";
export type { LimitOptions } from "./limits.ts";
export type { FramingName, ServerOptions } from "./options.ts";
export type { ServedClient, Service, ServiceName } from "./services.ts";
export type { MakeParts, PartsModule, WorkerParts } from "./worker_parts.ts";
export type { DatagramCounts, DatagramSum } from "./udp/datagram_log.ts";
export type { UdpOptions } from "./udp/udp_options.ts";
export type { Fault } from "../faults/fault.ts";
export type { PageName } from "./page/page.ts";
export type { AllowStop } from "../access/gate.ts";
export type { Certificate } from "./certificate.ts";
export type { Fields, Level, ServiceLog } from "../service_log.ts";
