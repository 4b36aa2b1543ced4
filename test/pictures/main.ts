/**
 * `deno task pictures [NAME...]`: draws docs/pictures anew from real runs. With `--check` it draws nothing, and fails if
 * a run shows other words than the picture.
 *
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { scenes } from "./scenes.ts";
import { essence } from "./steady.ts";

const folder = new URL("../../docs/pictures/", import.meta.url);

/** The file of a picture. */
export function pictureFile(name: string): URL {
  return new URL(`${name}.svg`, folder);
}

/**
 * The rows that a run shows and the picture does not, and the reverse; empty if they agree. A server that loses bytes does it
 * by chance, so a run that differs is repeated twice.
 */
export async function differences(name: string): Promise<string[]> {
  const kept = essence(await readFile(pictureFile(name), "utf8"));
  let found: string[] = [];
  for (let tries = 0; tries < 3; tries++) {
    const now = essence(await scenes[name]());
    found = [
      ...kept.filter((row) => !now.includes(row)).map((row) => `- ${row}`),
      ...now.filter((row) => !kept.includes(row)).map((row) => `+ ${row}`),
    ];
    if (found.length === 0) break;
  }
  return found;
}

if (import.meta.main) {
  const words = process.argv.slice(2);
  const names = words.filter((word) => word !== "--check");
  await mkdir(folder, { recursive: true });
  for (const name of names.length > 0 ? names : Object.keys(scenes)) {
    if (!(name in scenes)) throw new Error(`Cannot draw ${name}: expected one of ${Object.keys(scenes).join(", ")}`);
    if (words.includes("--check")) {
      const found = await differences(name);
      if (found.length > 0) process.exitCode = 1;
      console.log(`${name}: ${found.length === 0 ? "as it is shown" : `\n${found.join("\n")}`}`);
    } else {
      await writeFile(pictureFile(name), await scenes[name]());
      console.log(`docs/pictures/${name}.svg`);
    }
  }
}
