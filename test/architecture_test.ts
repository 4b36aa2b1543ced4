/** Imports point one way, and only `src/runtime` knows which runtime it is on: what docs/architecture.md draws. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));

/**
 * Folders and files, from the bottom to the top: each imports from rows above it in this list, and from itself. Those in
 * one row do not know each other.
 */
const layers: readonly (readonly string[])[] = [
  ["src/errors.ts", "src/printable.ts", "src/addresses.ts", "src/service_log.ts"],
  ["src/names.ts", "src/rate.ts", "src/stage"],
  ["src/framing", "src/pipe"],
  ["src/handlers", "src/observers", "src/runtime", "src/faults", "src/testing"],
  ["src/files", "src/transport"],
  ["src/conversation", "src/identity"],
  ["src/access", "src/chat"],
  ["src/cluster"],
  ["src/client", "src/probe", "src/server", "src/verify"],
  ["src/message_socket.ts"],
  ["src/mod.ts"],
  ["cli"],
];

/** Folders of pure logic: it works on bytes that anybody brings, in a browser too. */
const pure = ["src/stage/", "src/framing/", "src/handlers/", "src/observers/", "src/pipe/", "src/faults/"];

/** Files that may mention the global `Deno`: one tells the runtimes apart, the others are used on Deno only. */
const knowDeno = /^src\/runtime\/(mod|thread_priority|deno\/\w+)\.ts$/;

/** A source file of the project. */
interface SourceFile {
  /** Its path from the root, with slashes. */
  readonly path: string;
  /** Its text without comments that fill a line. */
  readonly code: string;
  /** Everything that it imports: paths from the root, names of packages. */
  readonly imports: readonly string[];
}

/** The specifiers of static imports and re-exports, of types too, and of dynamic imports. */
function specifiersIn(code: string): string[] {
  const found = code.matchAll(/^(?:import|export)\s(?:[\w\s*{},]*\sfrom\s)?\s*"([^"]+)"|\bimport\(\s*"([^"]+)"/gm);
  return Array.from(found, ([, fixed, dynamic]) => fixed ?? dynamic);
}

function sourceFile(path: string, text: string): SourceFile {
  const code = text.replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, "");
  const imports = specifiersIn(code).map((specifier) =>
    specifier.startsWith(".") ? posix.join(posix.dirname(path), specifier) : specifier
  );
  return { path, code, imports };
}

const files = ["src", "cli"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => [folder, name].join("/").replaceAll(sep, "/"))
)
  .map((path) => sourceFile(path, readFileSync(join(root, path), "utf8")));

/** The folder, or the file beside the folders, that the layers list. */
function unitOf(path: string): string {
  const [top, folder, below] = path.split("/");
  return top === "cli" ? top : below === undefined ? path : `${top}/${folder}`;
}

/** The row of a unit; -1: it has none. */
function rowOf(unit: string): number {
  return layers.findIndex((row) => row.includes(unit));
}

/** Imports that do not point down. */
function wrongWay({ path, imports }: SourceFile): string[] {
  const from = unitOf(path);
  return imports.filter((to) => /^(src|cli)\//.test(to)).filter((to) => {
    return unitOf(to) !== from && rowOf(unitOf(to)) >= rowOf(from);
  }).map((to) => `${path} imports ${to}`);
}

/** The first circle of imports that is found, as the files along it. */
function circleIn(files: readonly SourceFile[]): string[] | undefined {
  const importsOf = new Map(files.map(({ path, imports }) => [path, imports]));
  const done = new Set<string>();
  const visit = (path: string, along: readonly string[]): string[] | undefined => {
    if (along.includes(path)) return [...along.slice(along.indexOf(path)), path];
    if (done.has(path)) return undefined;
    done.add(path);
    for (const to of importsOf.get(path) ?? []) {
      const circle = visit(to, [...along, path]);
      if (circle !== undefined) return circle;
    }
  };
  for (const { path } of files) {
    const circle = visit(path, []);
    if (circle !== undefined) return circle;
  }
}

test("every file has a layer", () => {
  assert.deepEqual(files.map(({ path }) => path).filter((path) => rowOf(unitOf(path)) < 0), []);
});

test("every import that begins with a dot names a file that is there", () => {
  const there = new Set(files.map(({ path }) => path));
  const missing = files.flatMap(({ imports }) => imports.filter((to) => /^(src|cli)\//.test(to) && !there.has(to)));
  assert.deepEqual(missing, []);
});

test("imports point down the layers", () => {
  assert.deepEqual(files.flatMap(wrongWay), []);
});

test("no circle of imports", () => {
  assert.deepEqual(circleIn(files), undefined);
});

test("stages, framings, handlers, observers and pipe use nothing of a runtime", () => {
  const faults = files.filter(({ path }) => pure.some((folder) => path.startsWith(folder))).flatMap((file) => [
    ...file.imports.filter((to) => to.startsWith("node:")).map((to) => `${file.path} imports ${to}`),
    ...(/\bDeno\b|\bprocess\./.test(file.code) ? [`${file.path} uses a global of a runtime`] : []),
  ]);
  assert.deepEqual(faults, []);
});

test("one file tells the runtimes apart", () => {
  const inSource = files.filter(({ path }) => path.startsWith("src/"));
  const asking = inSource.filter(({ code }) => /"Deno" in globalThis|typeof Deno\b|globalThis\.Deno\b/.test(code));
  assert.deepEqual(asking.map(({ path }) => path), ["src/runtime/mod.ts"]);
  const using = inSource.filter(({ path, code }) => /\bDeno\./.test(code) && !knowDeno.test(path));
  assert.deepEqual(using.map(({ path }) => path), []);
});

test("noticed: imports of every form, and none in a comment", () => {
  const text = [
    'import { a } from "./a.ts";',
    'import type {\n  B,\n  C as D,\n} from "./b.ts";',
    'import "./c.ts";',
    'export * from "./d.ts";',
    'export { type E } from "../e.ts";',
    'import f, * as all from "node:fs";',
    'const late = await import("./g.ts");',
    '/**\n * import h from "./h.ts";\n * await import("./i.ts")\n */',
    '// import("./j.ts")',
    'export const text = "no import";\nconst x = f("from", "./k.ts");',
  ].join("\n");
  assert.deepEqual(sourceFile("src/stage/x.ts", text).imports, [
    "src/stage/a.ts",
    "src/stage/b.ts",
    "src/stage/c.ts",
    "src/stage/d.ts",
    "src/e.ts",
    "node:fs",
    "src/stage/g.ts",
  ]);
});

test("noticed: a circle, and an import that points up", () => {
  const stage = sourceFile("src/stage/a.ts", 'import type { B } from "../pipe/b.ts";');
  const pipe = sourceFile("src/pipe/b.ts", 'import { a } from "../stage/a.ts";');
  assert.deepEqual(circleIn([stage, pipe]), ["src/stage/a.ts", "src/pipe/b.ts", "src/stage/a.ts"]);
  assert.deepEqual([stage, pipe].flatMap(wrongWay), ["src/stage/a.ts imports src/pipe/b.ts"]);
});
