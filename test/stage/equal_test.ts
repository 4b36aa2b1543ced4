/** Stages joined by streams, by iterables and fused do the same: in output, errors and end. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Output, Stage } from "echopipe";
import fc from "fast-check";
import { holds } from "../support/property.ts";
import { type AnyStage, runAll, type Script } from "../support/ways.ts";

/** What a random stage does with each item. */
interface Plan {
  /** It speaks before an item comes. */
  readonly speaks: boolean;
  /** How many items it makes of one. */
  readonly copies: number;
  /** It holds what it makes back until it is flushed, or until the source ends. */
  readonly hold: "no" | "flush" | "end";
  /** It waits before it makes anything, between the items it makes, or for the consumer. */
  readonly wait: "no" | "tick" | "turn" | "between" | "consumer";
  /** At which item it throws or ends the stream, if at all; at the source's end: Infinity. */
  readonly stopAt: number | undefined;
  readonly stop: "throw" | "end" | "end, throw";
}

const plan: fc.Arbitrary<Plan> = fc.record({
  speaks: fc.boolean(),
  copies: fc.integer({ min: 0, max: 3 }),
  hold: fc.constantFrom("no", "no", "flush", "end"),
  wait: fc.constantFrom("no", "no", "no", "tick", "turn", "between", "consumer"),
  stopAt: fc.option(fc.constantFrom(0, 1, 3, Infinity), { nil: undefined, freq: 3 }),
  stop: fc.constantFrom("throw", "end", "end, throw"),
});

class Planned extends Stage<string, string> {
  readonly #plan: Plan;
  readonly #name: string;
  #held: string[] = [];
  #seen = 0;
  /** Calls after the stage was done with: none may come. */
  late = 0;
  #ending = false;
  #done = false;

  constructor(plan: Plan, name: string) {
    super();
    this.#plan = plan;
    this.#name = name;
  }

  override start(out: Output<string>): void {
    if (this.#plan.speaks) out.push(`start${this.#name}`);
  }

  push(item: string, out: Output<string>): void | Promise<void> {
    this.#check();
    const { wait } = this.#plan;
    const stop = this.#plan.stopAt === this.#seen++;
    if (wait === "no") return this.#make(item, out, stop);
    if (wait === "between") return this.#makeSlowly(item, out, stop);
    return this.#waitFirst(item, out, stop);
  }

  override flush(out: Output<string>): void {
    if (this.#plan.hold !== "flush") return;
    for (const item of this.#held.splice(0)) out.push(item);
  }

  override end(out: Output<string>): void | Promise<void> {
    this.#check();
    for (const item of this.#held.splice(0)) out.push(item);
    const stop = this.#plan.stopAt === Infinity;
    this.#ending = true;
    if (this.#plan.wait !== "no") return this.#waitFirst("end", out, stop);
    this.#make("end", out, stop);
    this.#done = true;
  }

  override cancel(): void {
    this.#check();
    this.#done = true;
  }

  #check(): void {
    if (this.#done) this.late++;
  }

  #put(item: string, out: Output<string>): void {
    if (this.#plan.hold === "no" || this.#ending) out.push(item);
    else this.#held.push(item);
  }

  #make(item: string, out: Output<string>, stop: boolean): void {
    for (let i = 0; i < this.#plan.copies; i++) this.#put(`${item}${this.#name}${i}`, out);
    if (!stop) return;
    if (this.#plan.stop !== "throw") out.end();
    this.#done ||= this.#plan.wait === "no"; // else a cancel may come before the promise is seen to settle
    if (this.#plan.stop !== "end") throw new Error(`${this.#name} threw`);
  }

  async #makeSlowly(item: string, out: Output<string>, stop: boolean): Promise<void> {
    for (let i = 0; i < this.#plan.copies; i++) {
      await null;
      this.#put(`${item}${this.#name}${i}`, out);
    }
    if (stop) this.#make("", out, stop);
  }

  async #waitFirst(item: string, out: Output<string>, stop: boolean): Promise<void> {
    if (this.#plan.wait === "tick") await null;
    else if (this.#plan.wait === "turn") await nextTurn();
    this.#make(item, out, stop);
    if (this.#plan.wait === "consumer") await out.flush();
  }
}

const inputs = fc.record({
  items: fc.array(fc.constantFrom("x", "y"), { maxLength: 5 }),
  fails: fc.boolean(),
});

test("random stages: the same output, error and end in every way of joining them", async () => {
  await holds(
    Number(process.env.PROPERTY_RUNS ?? 1500),
    fc.asyncProperty(fc.array(plan, { minLength: 1, maxLength: 4 }), inputs, async (plans, { items, fails }) => {
      const script: Script = {
        items: items.map((item, i) => item + i),
        failure: fails ? new Error("source") : undefined,
      };
      const made: Planned[] = [];
      const make = (): AnyStage[] => {
        const stages = plans.map((plan, i) => new Planned(plan, "abcd"[i]));
        made.push(...stages);
        return stages;
      };
      const { pipeThrough, ...others } = await runAll(make, script);
      for (const [way, outcome] of Object.entries(others)) assert.deepEqual(outcome, pipeThrough, way);
      assert.deepEqual(made.filter((stage) => stage.late > 0), [], "called after it was done with");
    }),
  );
});
