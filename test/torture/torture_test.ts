/** The short form of `deno task torture`, on our server on this runtime. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { losses } from "./report.ts";
import { rows } from "./rows.ts";
import { type Outcome, runRow } from "./run_row.ts";
import { own } from "./target.ts";

const skip = process.platform !== "linux" && "it reads /proc";

for (const row of rows) {
  test(`torture, short: ${row.id}`, { skip }, async (t) => {
    const { verdict, failures, note } = await runRow(row, own, 0.01);
    if (verdict === "skipped") return t.skip(note);
    assert.deepEqual(failures, []);
  });
}

test("torture: where another server has the better figure is a loss, unless it fell", () => {
  const outcome = (server: string, ours: boolean, value: number, verdict: "held" | "fell" = "held"): Outcome => ({
    row: "r",
    server,
    ours,
    verdict,
    figures: [
      { name: "served", value, better: "more" },
      { name: "p99", value: 100 / value, unit: "ms", better: "less", rough: true },
    ],
    failures: [],
    seconds: 1,
  });
  const own = outcome("ours", true, 4);
  assert.deepEqual(losses([own, outcome("b", false, 3)]), []);
  assert.deepEqual(losses([own, outcome("b", false, 5)]), ["`r`, ours: served 4.00, b 5.00"]);
  assert.deepEqual(losses([own, outcome("b", false, 10)]).length, 2);
  assert.deepEqual(losses([own, outcome("b", false, 10, "fell")]), []);
});
