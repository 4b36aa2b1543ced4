import { test } from "node:test";
import { seed } from "../support/property.ts";
import { fuzz, targets } from "./run.ts";

for (const target of targets) {
  test(`fuzz: ${target.name}, the kept inputs and half a second of their mutations`, async () => {
    await fuzz(target, seed, 0.5);
  });
}
