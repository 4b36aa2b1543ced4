/** The pictures of docs/pictures are what the commands show today: each is run once more. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { differences } from "../pictures/main.ts";
import { scenes } from "../pictures/scenes.ts";
import { essence, Steady } from "../pictures/steady.ts";
import { svg } from "../pictures/svg.ts";
import { Screen } from "../support/screen.ts";
import { skip as noTerminal } from "../support/terminal.ts";

const skip = noTerminal || (!("Deno" in globalThis) && "the pictures are drawn on Deno");

describe("pictures of real runs", { skip }, () => {
  for (const name of Object.keys(scenes)) {
    test(`${name}.svg shows what a run shows`, async () => {
      assert.deepEqual(await differences(name), [], "deno task pictures draws it anew");
    });
  }
});

test("each picture is drawn by the task, and takes no font or file from elsewhere", () => {
  const folder = new URL("../../docs/pictures/", import.meta.url);
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(scenes).map((name) => `${name}.svg`).sort());
  for (const file of readdirSync(folder)) {
    const text = readFileSync(new URL(file, folder), "utf8");
    assert.doesNotMatch(text, /url\(|href|@font-face|@import|<script|<image/, file);
    assert.match(text, /^<svg [^>]*>\n<title>[^<]+<\/title>/, file);
  }
});

test("a screen is drawn as it looks: places, colours, wide characters, nothing that is SVG by itself", async () => {
  using screen = new Screen(20, 3);
  screen.write("a<b>&\r\n\x1b[1;31mred\x1b[0m 你!\x1b[5Gx");
  await screen.settled();
  assert.deepEqual(screen.rows(), ["a<b>&", "red x!"].map((row) => row.replace("x!", "x !")));
  const picture = svg("about", [[{ title: "title", rows: screen.spans(), columns: 20 }]]);
  assert.match(picture, /a&lt;b&gt;&amp;</);
  assert.match(picture, /class="c1 b">red</);
});

test("ports and clocks are steady; words are compared, numbers are not", () => {
  const steady = new Steady({ 41234: 9090 }, { "/tmp/x": "." });
  assert.equal(
    steady.text("2026-11-24T20:00:00.123Z 127.0.0.1:41234 from 127.0.0.1:55555, /tmp/x/log, 20:01:02"),
    "2026-11-20T12:00:00.000Z 127.0.0.1:9090 from 127.0.0.1:50001, ./log, 12:00:00",
  );
  assert.deepEqual(essence("<text>12 bytes in 1 chunk</text>"), essence("<text>7 bytes in 3 chunks</text>"));
  assert.notDeepEqual(essence("<text>12 bytes</text>"), essence("<text>12 bits</text>"));
});
