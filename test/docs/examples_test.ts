/** Every example of the pages runs. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

const library = new URL("../../src/mod.ts", import.meta.url).href;
let folder: string;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "echopipe-docs-"));
});
after(() => rm(folder, { recursive: true, force: true }));

for (const page of ["README.md", "docs/stages.md"]) {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
  let title = "";
  let number = 0;
  for (const [, heading, code] of text.matchAll(/^## (.*)$|^```ts\n([^]*?)^```$/gm)) {
    if (heading !== undefined) title = heading;
    else test(`${page}, ${title}: example ${++number}`, () => run(code, `${path.basename(page, ".md")}_${number}.ts`));
  }
  test(`${page} has examples`, () => assert.ok(number > 0));
}

/** Runs an example in a function, so that `await using` closes what it opened before the test is over. */
async function run(code: string, file: string): Promise<void> {
  const imports = Array.from(code.matchAll(/^import .*$/gm), ([line]) => line).join("\n");
  const body = code.replaceAll(/^import .*$/gm, "");
  const text = `${imports}\nexport async function example() {\n${body}\n}\n`;
  const target = path.join(folder, file);
  await writeFile(target, text.replaceAll('from "echopipe"', `from "${library}"`));
  const { example } = await import(pathToFileURL(target).href);
  await example();
}
