/**
 * Every way to run stages over a source: the same in output, in errors and in who hears of a tear-down.
 *
 * @module
 */
import { EchopipeError, pipeline, type Stage } from "echopipe";
import { readableFrom } from "../../src/pipe/streams.ts";

// deno-lint-ignore no-explicit-any -- stages of any items are joined here
export type AnyStage = Stage<any, any>;

/** Result of a run. */
export interface Outcome {
  /** The output. */
  readonly items: unknown[];
  /** Code or message of the error after it. */
  readonly failure: string | undefined;
}

/** A script of a source: its items, and what it fails with after them. */
export interface Script {
  readonly items: readonly unknown[];
  readonly failure?: Error;
}

/** A stream that plays a script, and notes what was asked of it. */
export class Source {
  /** Number of items taken from it. */
  taken = 0;
  /** The reason it was cancelled with. */
  cancelled: { reason: unknown } | undefined;
  readonly readable: ReadableStream<unknown>;

  constructor({ items, failure }: Script, endless = false) {
    this.readable = new ReadableStream({
      pull: (controller) => {
        if (this.taken < items.length) controller.enqueue(items[this.taken++]);
        else if (failure) controller.error(failure);
        else if (!endless) controller.close();
      },
      cancel: (reason) => {
        this.cancelled = { reason };
      },
    }, { highWaterMark: 0 });
  }
}

/** An error in one word. */
export function nameOf(error: unknown): string {
  return error instanceof EchopipeError ? error.code : (error as Error).message;
}

/** Takes all that comes. */
export async function collect(source: AsyncIterable<unknown>, copy = (item: unknown) => item): Promise<Outcome> {
  const items: unknown[] = [];
  try {
    for await (const item of source) items.push(copy(item));
  } catch (error) {
    return { items, failure: nameOf(error) };
  }
  return { items, failure: undefined };
}

const fused = (stages: AnyStage[]): AnyStage => (pipeline as (...stages: AnyStage[]) => AnyStage)(...stages);
const nested = (stages: AnyStage[]): AnyStage =>
  stages.length < 3 ? fused(stages) : fused([stages[0], fused(stages.slice(1, -1)), stages.at(-1)!]);

/** The stream that a connection has, over a script: stages join it. */
function chainOf(source: ReadableStream<unknown>): ReadableStream<unknown> {
  const reader = source.getReader();
  return readableFrom({
    async read() {
      const { done, value } = await reader.read();
      return (done ? null : value) as Uint8Array | null;
    },
    release() {},
    abort: (reason) => reader.cancel(reason),
  });
}

const joined = (stream: ReadableStream<unknown>, stages: AnyStage[]) =>
  stages.reduce((stream, stage) => stream.pipeThrough(stage), stream);
const foreign = () => new TransformStream<unknown, unknown>({}, { highWaterMark: 1 }, { highWaterMark: 0 });

/** Joins stages to a stream, in one of the ways. */
type Way = (source: ReadableStream<unknown>, stages: AnyStage[]) => AsyncIterable<unknown>;

/** The ways, by name. */
export const ways: Readonly<Record<string, Way>> = {
  "pipeThrough": (source, stages) =>
    stages.reduce((stream, { readable, writable }) => stream.pipeThrough({ readable, writable }), source),
  "over": (source, stages) => stages.reduce<AsyncIterable<unknown>>((items, stage) => stage.over(items), source),
  "chain": (source, stages) => joined(chainOf(source), stages),
  "chain, split by a foreign transform": (source, stages) =>
    joined(joined(chainOf(source), stages.slice(0, 1)).pipeThrough(foreign()), stages.slice(1)),
  "fused, pipeThrough": (source, stages) => source.pipeThrough(fused(stages)),
  "fused, over": (source, stages) => fused(stages).over(source),
  "fused, nested": (source, stages) => source.pipeThrough(nested(stages)),
};

/** Runs fresh stages over a script in every way. */
export async function runAll(
  make: () => AnyStage[],
  script: Script,
  copy?: (item: unknown) => unknown,
): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const [name, join] of Object.entries(ways)) {
    outcomes[name] = await collect(join(new Source(script).readable, make()), copy);
  }
  return outcomes;
}
