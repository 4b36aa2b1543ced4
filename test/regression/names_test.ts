import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogRecord } from "@logtape/logtape";
import { formatJson, formatText } from "../../cli/log.ts";
import { checkName } from "../../src/names.ts";

test("10-26: no name with a character that is not seen, and none of nothing else", () => {
  for (const hidden of ["\u3164", "\u034f", "\ufe0f", "\u115f", "\u2800", "\uffa0", "\u{1d159}", "\u{e0041}"]) {
    for (const name of [`anna${hidden}`, `${hidden}anna`, `an${hidden}na`, hidden]) {
      assert.throws(() => checkName(name), { code: "invalid-argument" }, JSON.stringify(name));
    }
  }
});

test("10-26: no name whose letters are of several scripts, such as a Cyrillic one among Latin ones", () => {
  for (const name of ["\u0430nna", "ann\u0430", "ann\u03b1", "p\u0430ypal", "ad\u0501"]) {
    assert.throws(() => checkName(name), { code: "invalid-argument" }, JSON.stringify(name));
  }
});

test("10-26: no C1 control, line separator or mark that reorders text reaches a log", () => {
  const hostile = "anna\x9b2J\u2028\u202e\n\x1b[2J";
  const record: LogRecord = {
    category: ["echopipe"],
    level: "info",
    timestamp: 0,
    message: [hostile],
    rawMessage: hostile,
    properties: { event: "client.admitted", name: hostile },
  };
  for (const line of [formatText(record), formatJson(record)]) {
    assert.match(line, /^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+\n$/u);
  }
  assert.equal(JSON.parse(formatJson(record)).name, hostile, "JSON keeps its value");
});
