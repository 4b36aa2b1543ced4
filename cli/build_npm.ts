/**
 * Builds the npm package: JavaScript and types of what `package.json` exports, in `npm/`.
 *
 * Each file is translated by itself (its types by the rules of `isolatedDeclarations`): no types of a runtime are needed,
 * and `deno check` has checked them. Nothing of `compat/` may be imported.
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

/** All source files that the entries import, with their text. */
async function reach(entries: readonly string[]): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const pending = [...entries];
  for (let file; (file = pending.pop()) !== undefined;) {
    if (sources.has(file)) continue;
    const text = await readFile(path.join(root, file), "utf8");
    sources.set(file, text);
    pending.push(...relatives(file, text));
  }
  return sources;
}

const toDist = (file: string, extension: string) => file.replace(/^(\.\/)?src\//, "dist/").replace(/\.ts$/, extension);

/** The script and the declarations of one file. */
function translate(fileName: string, text: string): { script: string; types: string } {
  const { outputText: script } = ts.transpileModule(text, { fileName, compilerOptions });
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(text, { fileName, compilerOptions });
  if (diagnostics.length > 0) {
    const reasons = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
    throw new Error(`Cannot declare the types of ${fileName}: ${reasons.join("; ")}`);
  }
  const types = outputText
    .replaceAll(/((?:from|import\() ?"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"')
    // TypeScript 5.9 declares a method that is named by a symbol twice, if it sees a file alone.
    .replaceAll(/^ *\[Symbol\.\w+\]: \(.*\) => .*;\n/gm, "");
  return { script, types };
}

/** The `package.json` of the package: the fields of ours that concern its users. */
function manifestOf(manifest: Manifest, sources: Map<string, string>): Record<string, unknown> {
  const names = new Set([...sources.values()].flatMap(packages));
  const dependencies = Object.fromEntries(
    [...names].sort().map((name) => {
      const version = manifest.dependencies[name];
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
  const { name, version, description, license, type, engines } = manifest;
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    sideEffects: false,
    exports,
    files: ["dist"],
    dependencies,
  };
}

/** Builds the package in a folder, which it replaces. */
export async function buildNpm(target: string): Promise<void> {
  const manifest: Manifest = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
  const sources = await reach(Object.values(manifest.exports).map((file) => path.posix.normalize(file)));
  const made = manifestOf(manifest, sources);
  await rm(target, { recursive: true, force: true });
  for (const [file, text] of sources) {
    const { script, types } = translate(file, text);
    const folder = path.join(target, path.dirname(toDist(file, ".js")));
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(target, toDist(file, ".js")), script);
    await writeFile(path.join(target, toDist(file, ".d.ts")), types);
  }
  await writeFile(path.join(target, "package.json"), `${JSON.stringify(made, null, 2)}\n`);
  for (const file of ["LICENSE", "README.md"]) await cp(path.join(root, file), path.join(target, file));
}

if (import.meta.main) await buildNpm(path.join(root, "npm"));
