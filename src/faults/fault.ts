/**
 * Faults by name, for servers that are told which to commit.
 *
 * @module
 */
import type { Stage } from "../stage/stage.ts";
import { corrupt } from "./corrupt.ts";
import { cut } from "./cut.ts";
import { latency } from "./latency.ts";
import { reset } from "./reset.ts";
import { slice } from "./slice.ts";
import { stall } from "./stall.ts";
import { throttle } from "./throttle.ts";

/** A fault and its values. */
export type Fault =
  | { readonly name: "latency"; readonly delayMs: number; readonly jitterMs?: number }
  | { readonly name: "throttle"; readonly bytesPerSecond: number }
  | { readonly name: "slice"; readonly bytes: number }
  | { readonly name: "corrupt"; readonly probability: number; readonly seed?: number }
  | { readonly name: "cut" | "reset" | "stall"; readonly bytes: number };

/**
 * Makes the stage of a fault.
 *
 * @throws {EchopipeError} `invalid-argument` for a value out of its range
 */
export function faultStage(fault: Fault): Stage<Uint8Array, Uint8Array> {
  switch (fault.name) {
    case "latency":
      return latency(fault.delayMs, { jitterMs: fault.jitterMs });
    case "throttle":
      return throttle(fault.bytesPerSecond);
    case "slice":
      return slice(fault.bytes);
    case "corrupt":
      return corrupt(fault.probability, { seed: fault.seed });
    case "cut":
      return cut(fault.bytes);
    case "reset":
      return reset(fault.bytes);
    case "stall":
      return stall(fault.bytes);
  }
}
