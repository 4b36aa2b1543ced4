/** Every link, task and test that the pages name is there. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tasks: Record<string, unknown> = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")).tasks;
const pages = [
  "README.md",
  "README.ru.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md")).map(
    inDocs,
  ),
];

function inDocs(name: string): string {
  return join("docs", name);
}

function read(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** A page without its blocks of code, in which nothing is a link or a heading. */
function prose(text: string): string {
  return text.replaceAll(/^ *(`{3,})[^]*?^ *\1 *$/gm, "");
}

/** The anchors of a page, as GitHub makes them of its headings: the second of a name has `-1` behind it. */
function anchors(text: string): Set<string> {
  const found = new Set<string>();
  for (const [, heading] of prose(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const words = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = words.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "").replaceAll(" ", "-");
    let unique = anchor;
    for (let n = 1; found.has(unique); n++) unique = `${anchor}-${n}`;
    found.add(unique);
  }
  return found;
}

/** The targets of a page's links, images and link definitions, those to other sites left out. */
function targets(text: string): string[] {
  const links = prose(text).replaceAll(/(`+)[^`]+?\1(?!`)/g, "");
  const found = links.matchAll(/\]\(\s*<?([^\s)>]+)|^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm);
  return Array.from(found, ([, inline, defined]) => inline ?? defined).filter((to) =>
    !/^([a-z][a-z+.-]*:|\/\/)/i.test(to)
  );
}

/** What is wrong with a link, if anything. */
function brokenLink(page: string, text: string, target: string): string | undefined {
  const [path, anchor] = target.split("#");
  const file = path === "" ? page : join(dirname(page), decodeURIComponent(path));
  if (relative(root, join(root, file)).startsWith("..")) return `${target}: outside the project`;
  if (path !== "" && !existsSync(join(root, file))) return `${target}: no such file`;
  if (anchor === undefined) return undefined;
  if (!file.endsWith(".md")) return `${target}: only pages have anchors`;
  return anchors(path === "" ? text : read(file)).has(anchor) ? undefined : `${target}: no such heading`;
}

/** Tasks are named in code and in prose: `deno task NAME`, also with a version, as `npx deno@2.9 task NAME`. */
function missingTasks(text: string): string[] {
  const named = text.matchAll(/\bdeno(?:@[\d.]+)?\s+task\s+([a-z][\w:-]*)/g);
  return Array.from(named, ([, name]) => name.replace(/:$/, "")).filter((name) => !(name in tasks))
    .map((name) => `deno task ${name}: no such task`);
}

/** `[file](path) "title"` names a test: part of its title as it stands in that file. */
function missingTests(page: string, text: string): string[] {
  const missing: string[] = [];
  for (const [, path, quoted] of prose(text).matchAll(/\]\(([^)\s#]+\.ts)\)\s+"([^"]+)"/g)) {
    const file = join(root, dirname(page), path);
    const title = quoted.replaceAll(/\s+/g, " ");
    if (existsSync(file) && !readFileSync(file, "utf8").includes(title)) missing.push(`${path}: no test "${title}"`);
  }
  return missing;
}

/** All that a page names and that is not there. */
function faults(page: string, text: string): string[] {
  const links = targets(text).map((target) => brokenLink(page, text, target)).filter((fault) => fault !== undefined);
  return [...links, ...missingTasks(text), ...missingTests(page, text)];
}

for (const page of pages) {
  test(`${page}: what it names is there`, () => assert.deepEqual(faults(page, read(page)), []));
}

test("every page is reached from the first", () => {
  const reached = new Set(["README.md"]);
  for (const page of reached) { // which grows meanwhile
    for (const target of targets(read(page))) {
      const to = join(dirname(page), target.split("#")[0]);
      if (pages.includes(to)) reached.add(to);
    }
  }
  assert.deepEqual(pages.filter((page) => !reached.has(page)), []);
});

/** A page that names what is not there, to see that it is noticed; `want` is what is said of it. */
const faulty: readonly [text: string, want: readonly string[]][] = [
  ["[x](../src/none.ts)", ["../src/none.ts: no such file"]],
  ["![x](none.png)\n\n[y]: ../src/none.ts", ["none.png: no such file", "../src/none.ts: no such file"]],
  ["[x](../../elsewhere)", ["../../elsewhere: outside the project"]],
  ["# A heading, twice\n# A heading, twice\n[x](#a-heading-twice-1)", []],
  ["# A heading\n[x](#a-heding)", ["#a-heding: no such heading"]],
  ["```sh\n# no heading\n```\n[x](#no-heading)", ["#no-heading: no such heading"]],
  ["[x](protocol.md#nowhere)", ["protocol.md#nowhere: no such heading"]],
  ["[x](../src/mod.ts#L1)", ["../src/mod.ts#L1: only pages have anchors"]],
  ["[x](https://example.com/none) `[x](none)` `a` [y](../src)", []],
  ["```md\n[x](none)\n```", []],
  ["```sh\ndeno task server --yes\nnpx --yes deno@2.9 task nothing\n```", ["deno task nothing: no such task"]],
  ["run `deno task\nchat:nobody`", ["deno task chat:nobody: no such task"]],
  ['[x](../test/docs/links_test.ts) "every page is\nreached"', []],
  ['[x](../test/docs/examples_test.ts) "no such title"', ['../test/docs/examples_test.ts: no test "no such title"']],
];
for (const [text, want] of faulty) {
  test(`noticed: ${JSON.stringify(text)}`, () => assert.deepEqual(faults(inDocs("page.md"), text), want));
}
