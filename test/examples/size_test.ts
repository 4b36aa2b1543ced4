/** All examples: short, and with no package but this one. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../examples/", import.meta.url));
const listed = readFileSync(new URL("../../docs/examples.md", import.meta.url), "utf8");

for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
  test(`${file}: less than 150 lines, imports only echopipe, and has its place in docs/examples.md`, () => {
    const text = readFileSync(`${folder}${file}`, "utf8");
    assert.ok(text.trimEnd().split("\n").length < 150);
    for (const [, name] of text.matchAll(/from "([^"]+)"/g)) assert.match(name, /^(echopipe|node:.*)$/);
    assert.ok(listed.includes(`(../examples/${file})`));
  });
}
