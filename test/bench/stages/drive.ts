/**
 * Runs stages to the end, and sees that all came out: a case that lost something would be fast, and no case.
 *
 * @module
 */
import type { Readable } from "node:stream";
import { type Codec, pipeline, type Stage, stage } from "echopipe";
import { iterableOf } from "./inputs.ts";
import { Run } from "../../../src/stage/run.ts";

/** Counts what comes out. */
export class Counted {
  items = 0;
  bytes = 0;

  add(item: { readonly length: number }): void {
    this.items++;
    this.bytes += item.length;
  }

  /** Throws if something else came than expected; -1: any number. */
  expect(bytes: number, items = -1): void {
    if (this.bytes === bytes && (items < 0 || this.items === items)) return;
    throw new Error(`Cannot measure: ${this.items} items, ${this.bytes} bytes came; ${items}, ${bytes} are wanted`);
  }
}

/** What a stage makes, by calls alone: what it costs without a stream around it. For stages that never wait. */
export function byHand<I, O extends { readonly length: number }>(stage: Stage<I, O>, items: readonly I[]): Counted {
  const counted = new Counted();
  let reason: unknown;
  const run = new Run<I, O>(stage.claim(), {
    push: (item) => counted.add(item),
    drained() {},
    stopped() {},
    settled: (failure) => reason = failure?.reason,
  });
  run.start();
  for (const item of items) run.push(item);
  run.finish();
  if (reason !== undefined) throw reason;
  return counted;
}

/** Reads a stream to its end. */
export async function drained(stream: ReadableStream<{ readonly length: number }>): Promise<Counted> {
  const counted = new Counted();
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return counted;
    counted.add(value);
  }
}

/** Reads an iterable to its end. */
export async function iterated(items: AsyncIterable<{ readonly length: number }>): Promise<Counted> {
  const counted = new Counted();
  for await (const item of items) counted.add(item);
  return counted;
}

/** Listens to the `data` events of a stream of Node to its end. `each` is counted in place of the items, if given. */
export function emitted(stream: Readable, each?: { readonly length: number }): Promise<Counted> {
  const counted = new Counted();
  return new Promise((resolve, reject) => {
    stream.on("data", (item) => counted.add(each ?? item));
    stream.on("end", () => resolve(counted));
    stream.on("error", reject);
  });
}

/** An item that has a size. */
export type Measurable = { readonly length: number };

/** The size of a message, in words. */
export const named = (size: number): string => size === 64 ? "64 B" : "1 KiB";

/** Decodes into a handler, which sees every item. */
export async function handled<T extends Measurable>(
  { decoder }: Codec<T>,
  reads: readonly Uint8Array[],
): Promise<Counted> {
  const counted = new Counted();
  const handler = stage<T, never>((item) => counted.add(item));
  for await (const _ of pipeline(decoder, handler).over(iterableOf(reads)));
  return counted;
}

/** Decodes, and encodes again. */
export const both = <T>({ decoder, encoder }: Codec<T>): Stage<Uint8Array, Uint8Array<ArrayBuffer>> =>
  pipeline(decoder, encoder);
