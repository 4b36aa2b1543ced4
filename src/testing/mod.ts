/**
 * Tools for tests of stages and protocols: every way to cut a stream, scripted sources and sinks, and a clock of virtual
 * time. They need no test framework: a check that fails throws an `AssertionError`.
 *
 * @example
 * ```ts
 * import { decoder } from "echopipe";
 * import { everyCut } from "echopipe/testing";
 *
 * const texts = () => decoder(function* (read) {
 *   return yield* read.text(yield* read.u8());
 * });
 * await everyCut(texts, Uint8Array.of(2, 104, 105, 1, 33), ["hi", "!"]);
 * await everyCut(texts, Uint8Array.of(1, 33, 2, 104), ["!"], { failure: "truncated" });
 * ```
 *
 * @module
 */
export { everyCut, type EveryCutOptions } from "./every_cut.ts";
export { allCuts, bytesOf, cutAt, inTwo, join, type RandomCutOptions, randomCuts, single, textOf } from "./cuts.ts";
export { PromptSink, type ScriptedEnd, ScriptedFeed, ScriptedSink, ScriptedSource } from "./scripted.ts";
export { VirtualClock } from "./virtual_clock.ts";
