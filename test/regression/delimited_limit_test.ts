/** Found by fuzzing: the limit of `delimited` held within a read only, and a message of many reads grew without end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { delimited, EchopipeError } from "echopipe";

test("13: a delimited message that grows over several reads is refused at its limit", async () => {
  const reads = Array.from({ length: 100 }, () => new Uint8Array(64));
  let taken = 0;
  const counted = (function* () {
    for (const read of reads) {
      taken++;
      yield read;
    }
  })();
  await assert.rejects(
    Array.fromAsync(delimited("\r\n", { limit: 200 }).decoder.over(counted)),
    (error) => error instanceof EchopipeError && error.code === "too-large",
  );
  assert.ok(taken < 10, `${taken} reads were taken`);
});
