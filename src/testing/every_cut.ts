/**
 * A check of a stage with its input cut in every way.
 *
 * @module
 */
import assert from "node:assert/strict";
import { EchopipeError } from "../errors.ts";
import type { Failure } from "../stage/contract.ts";
import { Run } from "../stage/run.ts";
import type { Stage } from "../stage/stage.ts";
import { allCuts, type RandomCutOptions, randomCuts } from "./cuts.ts";

/** The options of {@linkcode everyCut}. */
export interface EveryCutOptions<O> extends RandomCutOptions {
  /** Makes of an item what is compared: a copy of its bytes, for example. Default: the item itself. */
  readonly map?: (item: O) => unknown;
  /** The code of the error expected after the items; for other errors, their message. Default: none is expected. */
  readonly failure?: string;
}

/** Longest input that is cut in two in every way, in bytes; a longer one is cut at random only. */
const MAX_IN_TWO = 4096;

/**
 * Checks that a stage makes the expected items of the bytes, however these are cut: whole, into single bytes, in two in
 * every way, and at random places. As a connection does, it uses the memory of each piece again once the items made of
 * it are consumed: a stage that keeps bytes and does not copy them fails.
 *
 * @throws {AssertionError} with the cut that gave other items, or another error
 */
export async function everyCut<O>(
  makeStage: () => Stage<Uint8Array, O>,
  wire: Uint8Array,
  expected: readonly unknown[],
  options: EveryCutOptions<O> = {},
): Promise<void> {
  wire = new Uint8Array(wire.buffer, wire.byteOffset, wire.length); // not a Buffer, whose slice() makes no copy
  if (wire.length <= MAX_IN_TWO) {
    for (const pieces of allCuts(wire)) await checkCut(makeStage(), pieces, expected, options);
  } else {
    await checkCut(makeStage(), [wire], expected, options);
  }
  for (const pieces of randomCuts(wire, options)) await checkCut(makeStage(), pieces, expected, options);
}

async function checkCut<O>(
  stage: Stage<Uint8Array, O>,
  pieces: readonly Uint8Array[],
  expected: readonly unknown[],
  { map = (item: O) => item, failure }: EveryCutOptions<O>,
): Promise<void> {
  const made: O[] = [];
  let count = 0;
  let failed: Failure | undefined;
  let over = false;
  const cut = `cut into ${pieces.length} pieces of ${pieces.slice(0, 20).map(({ length }) => length)} bytes`;
  const consume = () => {
    const items = made.splice(0).map(map);
    assert.deepEqual(items, expected.slice(count, count += items.length), `Other items than expected, ${cut}`);
  };
  const run = new Run<Uint8Array, O>(stage.claim(), {
    push: (item) => void made.push(item),
    drained() {},
    stopped: () => void (over = true),
    settled: (reason) => {
      failed = reason;
      over = true;
    },
  });
  await run.start();
  for (const piece of pieces) {
    if (over) break;
    const read = piece.slice();
    await run.push(read);
    consume();
    if (!run.takeKept()) read.fill(0xa5);
  }
  if (!over) await run.finish();
  consume();
  assert.equal(nameOf(failed), failure, `Another end than expected, ${cut}`);
  assert.equal(count, expected.length, `Fewer items than expected, ${cut}`);
}

function nameOf(failed: Failure | undefined): string | undefined {
  const reason = failed?.reason;
  return reason instanceof EchopipeError ? reason.code : (reason as Error | undefined)?.message;
}
