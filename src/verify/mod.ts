/**
 * Conformance of any echo server: cases in sections, a runner, and its report.
 *
 * Here lives all that talks to the server and judges it, over connections and datagrams of `src/transport`. Each file of
 * `cases/` holds one section. What a person or another program reads of the report is made in `cli/`.
 *
 * @module
 */
export { type Case, type CaseResult, type Section, sections, type Verdict } from "./case.ts";
export { casesOf, selectCases } from "./select.ts";
export { checkReachable } from "./reachable.ts";
export { countResults, type Counts, runCases, type RunEvents } from "./run.ts";
export { Tester, type TesterOptions } from "./tester.ts";
export type { WireName } from "./wire.ts";
