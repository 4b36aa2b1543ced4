import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonFaultLine } from "../../src/files/json_fault.ts";

const faults: [string, number][] = [
  ['{"a": 1,\n"b": }', 2],
  ['{"a": 1\n"b": 2}', 2],
  ["[1,\n2,\n]", 3],
  ['{"a":\n{"b": [1, 2}}', 2],
  ['{"a": 1,\n', 1],
  ['{"a": 1}\n\n{"b": 2}', 3],
  ['{\n"a": "x\ny"}', 2],
  ["[1, 01]", 1],
  ["}", 1],
];
for (const [text, line] of faults) {
  test(`not JSON in line ${line}: ${JSON.stringify(text)}`, () => {
    assert.throws(() => JSON.parse(text));
    assert.equal(jsonFaultLine(text), line);
  });
}
