/** The pages in Russian have the headings, commands, output, code, links and figures of those in English. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

const translations: readonly (readonly [page: string, russian: string])[] = [
  ["README.md", "README.ru.md"],
  ["docs/exercises.md", "docs/ru/exercises.md"],
  ["docs/sockets.md", "docs/ru/sockets.md"],
];

/** Pages that a translation links to where the original links to its own. */
const originals = new Map(translations.map(([page, russian]) => [russian, page]));

/** A page that is compared. */
interface Page {
  readonly path: string;
  readonly text: string;
}

const read = (path: string): Page => ({ path, text: readFileSync(join(root, path), "utf8") });

/** Fenced blocks without comments, which are translated. */
function blocks({ text }: Page): string[] {
  return Array.from(
    text.matchAll(/^```(\w+)[^\n]*\n([^]*?)^```$/gm),
    ([, kind, code]) => kind === "text" ? code : code.replaceAll(/ *(#|\/\/) .*$/gm, ""),
  );
}

function prose({ text }: Page): string {
  return text.replaceAll(/^```[^]*?^```$/gm, "");
}

/** Levels of headings, with their numbers. */
function headings(page: Page): string[] {
  return Array.from(prose(page).matchAll(/^(#+) (\d+\.)?/gm), ([, level, number]) => `${level} ${number ?? ""}`);
}

/** Targets of links and pictures, from the root; a translation stands for its original. Links to a page itself left out. */
function links(page: Page): string[] {
  const found = Array.from(prose(page).matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g), ([, target]) => target);
  const absolute = found.map((target) => target.includes(":") ? target : posix.join(posix.dirname(page.path), target));
  const known = [...originals.keys(), ...originals.values()];
  return absolute.map((target) => originals.get(target) ?? target)
    .filter((target) => !(page.path.startsWith("README") && known.includes(target) && target.startsWith("README")))
    .sort();
}

/** Tests that are named, with the file before them: their titles are not translated. */
function proofs(page: Page): string[] {
  return Array.from(
    prose(page).replaceAll(/\s+/g, " ").matchAll(/\/([\w.]+_test\.ts)\) "([^"]+)"/g),
    ([, file, title]) => `${file} ${title}`,
  )
    .sort();
}

/** Numbers of tables, digits only: they are written in another way. */
function figures(page: Page): string[] {
  const rows = prose(page).split("\n").filter((row) => row.startsWith("|"));
  return rows.map((row) => row.replaceAll(/[^\d]/g, ""));
}

/** Flags and commands in the text. */
function code(page: Page): string[] {
  const found = prose(page).replaceAll(/\s+/g, " ").matchAll(/`((?:--|npx|deno |sudo )[^`]*)`/g);
  return Array.from(new Set(Array.from(found, ([, words]) => words))).sort();
}

const compared = { headings, blocks, links, proofs, figures, code };

for (const [page, russian] of translations) {
  describe(`${russian} is ${page} in Russian`, () => {
    for (const [name, of] of Object.entries(compared)) {
      test(name, () => assert.deepEqual(of(read(russian)), of(read(page))));
    }
  });
}

test("what differs is noticed", () => {
  const page = {
    path: "docs/a.md",
    text: "# A\n\n## 1. B\n\n[x](../src/mod.ts) `--yes`\n\n```sh\na # b\n```\n\n| 1,435 |\n",
  };
  const same = {
    path: "docs/ru/a.md",
    text: "# Б\n\n## 1. В\n\n[у](../../src/mod.ts) `--yes`\n\n```sh\na # г\n```\n\n| 1 435 |\n",
  };
  const faults: Readonly<Record<string, readonly [string, string]>> = {
    headings: ["## 1.", "## 2."],
    blocks: ["a #", "b #"],
    links: ["mod.ts", "mod.js"],
    figures: ["435", "436"],
    code: ["--yes", "--no"],
  };
  for (const [name, [right, wrong]] of Object.entries(faults)) {
    const of = compared[name as keyof typeof compared];
    assert.deepEqual(of(same), of(page), name);
    assert.notDeepEqual(of({ ...same, text: same.text.replace(right, wrong) }), of(page), name);
  }
});
