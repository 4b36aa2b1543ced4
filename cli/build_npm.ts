/**
 * Builds the npm package, in `npm/`: JavaScript of what `package.json` exports and of its `bin`, and types of the exports.
 *
 * Each file is translated by itself (its types by the rules of `isolatedDeclarations`): no types of a runtime are needed,
 * and `deno check` has checked them. The commands bring the stand-ins of `compat/` along, since the packages in whose place
 * they stand are not on npm; what is exported may not import them.
 *
 * @module
 */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("..", import.meta.url));

const compilerOptions: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.ESNext,
  rewriteRelativeImportExtensions: true,
  verbatimModuleSyntax: true,
  declaration: true,
  isolatedDeclarations: true,
};

/** The fields of `package.json` that are used. */
interface Manifest {
  readonly exports: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** Files that a source refers to by a relative path: imports and URLs of workers. */
function relatives(file: string, text: string): string[] {
  const found = text.replaceAll(/^ *\*.*$/gm, "").matchAll(/"(\.{1,2}\/[\w./-]+\.ts)"/g);
  return Array.from(found, ([, relative]) => path.posix.join(path.posix.dirname(file), relative));
}

/** Packages that a source imports. */
function packages(text: string): string[] {
  const names = ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
  return names.filter((name) => !name.startsWith(".") && !name.startsWith("node:"));
}

/** All source files that the entries import, with their text. Imports of stand-ins are made relative. */
async function reach(entries: readonly string[], standIns: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const pending = [...entries];
  for (let file; (file = pending.pop()) !== undefined;) {
    if (sources.has(file)) continue;
    let text = await readFile(path.join(root, file), "utf8");
    for (const [name, standIn] of standIns) {
      const relative = path.posix.relative(path.posix.dirname(file), standIn);
      text = text.replaceAll(`"${name}"`, `"${relative.startsWith(".") ? relative : `./${relative}`}"`);
    }
    sources.set(file, text);
    pending.push(...relatives(file, text));
  }
  return sources;
}

/** The files of the stand-ins, by the names under which they are imported. */
async function standInsOf({ dependencies }: Manifest): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const [name, version] of Object.entries(dependencies)) {
    if (!version.startsWith("file:")) continue;
    const folder = path.posix.normalize(version.slice("file:".length));
    const { exports } = JSON.parse(await readFile(path.join(root, folder, "package.json"), "utf8")) as Manifest;
    for (const [subpath, file] of Object.entries(exports)) {
      files.set(path.posix.join(name, subpath), path.posix.join(folder, file));
    }
  }
  return files;
}

/** Versions of all packages: ours, and those of the stand-ins. */
async function versionsOf({ dependencies }: Manifest): Promise<Map<string, string>> {
  const versions = new Map(Object.entries(dependencies));
  for (const version of Object.values(dependencies)) {
    if (!version.startsWith("file:")) continue;
    const manifest = JSON.parse(await readFile(path.join(root, version.slice("file:".length), "package.json"), "utf8"));
    for (const [name, pinned] of Object.entries<string>(manifest.dependencies ?? {})) versions.set(name, pinned);
  }
  return versions;
}

const toDist = (file: string, extension: string) => path.posix.join("dist", file).replace(/\.ts$/, extension);

/** The script of one file. */
function scriptOf(fileName: string, text: string): string {
  const options = { ...compilerOptions, removeComments: true }; // they are in the declarations
  return ts.transpileModule(text, { fileName, compilerOptions: options }).outputText;
}

/** The declarations of one file. */
function typesOf(fileName: string, text: string): string {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(text, { fileName, compilerOptions });
  if (diagnostics.length > 0) {
    const reasons = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    throw new Error(`Cannot declare the types of ${fileName}: ${reasons.join("; ")}`);
  }
  return outputText
    .replaceAll(/((?:from|import\() ?"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"')
    // TypeScript 5.9 declares a method that is named by a symbol twice, if it sees a file alone.
    .replaceAll(/^ *\[Symbol\.\w+\]: \(.*\) => .*;\n/gm, "");
}

/** The `package.json` of the package: the fields of ours that concern its users. */
function manifestOf(
  manifest: Manifest,
  sources: Map<string, string>,
  versions: Map<string, string>,
): Record<string, unknown> {
  const names = new Set([...sources.values()].flatMap(packages));
  const dependencies = Object.fromEntries(
    [...names].sort().map((name) => {
      const version = versions.get(name);
      if (version === undefined || version.startsWith("file:")) {
        throw new Error(`Cannot depend on ${name}: expected a version on the npm registry, found "${version}"`);
      }
      return [name, version];
    }),
  );
  const exports = Object.fromEntries(
    Object.entries(manifest.exports).map(([name, file]) => [name, {
      types: `./${toDist(file, ".d.ts")}`,
      default: `./${toDist(file, ".js")}`,
    }]),
  );
  const bin = Object.fromEntries(Object.entries(manifest.bin).map(([name, file]) => [name, toDist(file, ".js")]));
  const { name, version, description, keywords, license, homepage, repository, bugs, type, engines } = manifest;
  return {
    name,
    version,
    description,
    keywords,
    license,
    homepage,
    repository,
    bugs,
    type,
    engines,
    sideEffects: ["./dist/cli/*"],
    exports,
    bin,
    man: ["./man/echopipe.1"],
    files: ["dist", "man"],
    dependencies,
  };
}

/** Builds the package in a folder, which it replaces. */
export async function buildNpm(target: string): Promise<void> {
  const manifest: Manifest = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const paths = (entries: Readonly<Record<string, string>>) => Object.values(entries).map(path.posix.normalize);
  const library = await reach(paths(manifest.exports), new Map());
  const sources = await reach([...paths(manifest.exports), ...paths(manifest.bin)], await standInsOf(manifest));
  const made = manifestOf(manifest, sources, await versionsOf(manifest));
  await rm(target, { recursive: true, force: true });
  for (const [file, text] of sources) {
    await mkdir(path.join(target, path.dirname(toDist(file, ".js"))), { recursive: true });
    await writeFile(path.join(target, toDist(file, ".js")), scriptOf(file, text));
    if (library.has(file)) await writeFile(path.join(target, toDist(file, ".d.ts")), typesOf(file, text));
  }
  await writeFile(path.join(target, "package.json"), `${JSON.stringify(made, null, 2)}\n`);
  await mkdir(path.join(target, "man"));
  await cp(path.join(root, "docs/echopipe.1"), path.join(target, "man/echopipe.1"));
  for (const file of ["LICENSE", "README.md"]) await cp(path.join(root, file), path.join(target, file));
}

if (import.meta.main) await buildNpm(path.join(root, "npm"));
