/**
 * Measures of any echo server: round-trip times one by one ({@linkcode ping}), and load by many peers
 * ({@linkcode load}). Every byte that comes back is compared with what was sent. Flags, tables and pictures are in
 * `cli/`; conformance is in `src/verify`.
 *
 * @module
 */
export { Latencies, type Summary } from "./latencies.ts";
export { load } from "./load.ts";
export type { Interval, LoadOptions, LoadResult } from "./load_contract.ts";
export { ping, type PingAnswer, type PingOptions, type PingResult } from "./ping.ts";
