/** Every example of the pages runs. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

const library = new URL("../../src/mod.ts", import.meta.url).href;
const testing = new URL("../../src/testing/mod.ts", import.meta.url).href;
let folder: string;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "echopipe-docs-"));
});
after(() => rm(folder, { recursive: true, force: true }));

for (const page of ["README.md", "docs/stages.md", "docs/protocols.md"]) {
  const text = await readFile(new URL(`../../${page}`, import.meta.url), "utf8");
  let title = "";
  let number = 0;
  for (const [, heading, code] of text.matchAll(/^## (.*)$|^```ts\n([^]*?)^```$/gm)) {
    if (heading !== undefined) title = heading;
    else test(`${page}, ${title}: example ${++number}`, () => run(code, `${path.basename(page, ".md")}_${number}.ts`));
  }
  test(`${page} has examples`, () => assert.ok(number > 0));
}

test("docs/protocols.md shows the code of examples/redis.ts", async () => {
  const page = await readFile(new URL("../../docs/protocols.md", import.meta.url), "utf8");
  const example = await readFile(new URL("../../examples/redis.ts", import.meta.url), "utf8");
  const withoutIndent = (code: string) => code.replaceAll(/^ +/gm, "").trim();
  const shown = Array.from(page.matchAll(/^```ts ignore\n([^]*?)^```$/gm), ([, code]) => withoutIndent(code));
  assert.equal(shown.length, 3);
  for (const code of shown) assert.ok(withoutIndent(example).includes(code), code);
});

/** Runs an example in a function, so that `await using` closes what it opened before the test is over. */
async function run(code: string, file: string): Promise<void> {
  const imports = Array.from(code.matchAll(/^import .*$/gm), ([line]) => line).join("\n");
  const body = code.replaceAll(/^import .*$/gm, "");
  const text = `${imports}\nexport async function example() {\n${body}\n}\n`;
  const target = path.join(folder, file);
  await writeFile(
    target,
    text.replaceAll('from "echopipe"', `from "${library}"`)
      .replaceAll('from "echopipe/testing"', `from "${testing}"`),
  );
  const { example } = await import(pathToFileURL(target).href);
  await example();
}
