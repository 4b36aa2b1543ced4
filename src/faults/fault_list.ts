/**
 * Faults as options name them.
 *
 * @module
 */
import { type Fault, faultStage } from "./fault.ts";
import { onlyOnce, parseFaults } from "./parse.ts";

/**
 * The faults of a text in the grammar of {@linkcode parseFaults}, or of a list, after checking their values.
 *
 * @throws {EchopipeError} `invalid-argument` for a wrong text, or a value out of its range
 */
export function faultsOf(faults: string | readonly Fault[] = []): readonly Fault[] {
  const list = typeof faults === "string" ? parseFaults(faults) : onlyOnce([...faults]);
  for (const fault of list) faultStage(fault);
  return list;
}
