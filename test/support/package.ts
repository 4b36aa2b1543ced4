/** The npm package: built, packed, and installed into an empty folder; and programs of the registry that try it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { buildNpm } from "../../cli/build_npm.ts";

const run = promisify(execFile);

/** The registry cannot be reached: npm's codes for it. */
const offline = /^npm (?:error|ERR!) code E(?:NOTFOUND|AI_AGAIN|TIMEDOUT|CONN\w+|NETUNREACH|NOTCACHED)/m;

/** Options of tests of the package that are the same whatever runtime runs them, and not quick. */
export const once: { skip?: string } = "Deno" in globalThis ? {} : { skip: "tried by the tests on Deno" };

/** An installed package, removed with the scope. */
export interface InstalledPackage {
  /** The folder in which `echopipe` can be imported. */
  readonly folder: string;
  /** The packed file, and its size in bytes. */
  readonly packed: string;
  readonly size: number;
  /** Writes a file into the folder. */
  write(name: string, text: string): Promise<void>;
  remove(): Promise<void>;
}

/** Builds, packs and installs the package. */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "echopipe-npm-"));
  await buildNpm(path.join(folder, "package"));
  const { stdout } = await run("npm", ["pack", "--json", "--silent", "./package"], {
    cwd: folder,
    maxBuffer: 16 * 1024 * 1024,
  });
  const [{ filename, size }] = JSON.parse(stdout);
  await writeFile(path.join(folder, "package.json"), '{ "private": true, "type": "module" }');
  const quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
  await run("npm", ["install", ...quiet, `./${filename}`], { cwd: folder });
  return {
    folder,
    packed: path.join(folder, filename),
    size,
    write: (name, text) => writeFile(path.join(folder, name), text),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Runs a program of the registry, `publint@0.3.25` for example; undefined: the registry cannot be reached, which the test
 * says as its reason to be skipped. Rejects where the program fails.
 */
export async function runFromRegistry(
  test: { skip(reason: string): void },
  program: string,
  args: readonly string[],
  folder: string,
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await run("npx", ["--yes", "--prefer-offline", program, ...args], {
      cwd: folder,
      timeout: 180_000,
    });
    return `${stdout}${stderr}`;
  } catch (error) {
    if (!offline.test(String((error as { stderr?: string }).stderr))) throw error;
    test.skip(`no ${program} here, and the registry cannot be reached`);
  }
}
