import assert from "node:assert/strict";
import { test } from "node:test";
import { checkName, nameKey } from "../src/names.ts";

const good = [
  "a",
  "Ada Lovelace",
  "o'neil-2",
  "𝔞".repeat(32),
  "🙂",
  "Anna Maria 🙂",
  "王小明",
  "山田たろう X",
  "김철수 Kim",
  "Ёлка",
  "Ελένη",
  "محمد",
  "नेहा",
  "Nguyễn Văn",
];

const bad: Record<string, readonly string[]> = {
  "has 0 characters": ["", " ", "\n"],
  "has 33 characters": ["x".repeat(33)],
  "a character that cannot be printed": [
    "a\nb",
    "a\u0000",
    "\x1b[2J",
    "a\x9bb",
    "a\u2028b",
    "a\ud800",
    "\u0301a",
    "a  b",
    "a\u00a0b",
  ],
  "not visible": ["a\u202eb", "a\u200bb", "\u2800"],
  "five marks": [`a${"\u0301\u0302\u0303\u0304\u0305\u0306"}`],
  "several scripts": ["a\u03b1", "アΓ"],
  "a rare one": ["\u13da\u13a2"],
  "is a command": ["exit", " STOP ", "ｅxit"],
};

test("names: 1 to 32 printable characters, the same in any case and composition", () => {
  for (const name of good) assert.equal(checkName(name), name);
  assert.equal(checkName("  anna  "), "anna");
  assert.equal(checkName("Jose\u0301"), "José");
  assert.equal(nameKey("ＡDA"), nameKey("ada"));
  assert.notEqual(nameKey("ada"), nameKey("eda"));
});

for (const [why, names] of Object.entries(bad)) {
  test(`no name: ${why}`, () => {
    for (const name of names) {
      const message = new RegExp(`^Cannot use the name "[^\\p{Cc}]*": it .*${why}.*; expected 1 to 32 `, "u");
      assert.throws(() => checkName(name), { code: "invalid-argument", message }, JSON.stringify(name));
    }
  });
}
