/**
 * Programs of the system, which a test may skip without.
 *
 * @module
 */
import { spawn, spawnSync } from "node:child_process";

/** The reason to skip a test: programs that are missing, and the Debian package they are in; false if there is none. */
export function missing(debianPackage: string, ...programs: string[]): string | false {
  const absent = programs.filter((program) => spawnSync("which", [program]).status !== 0);
  return absent.length > 0 && `${absent.join(", ")} of Debian's ${debianPackage} not installed`;
}

/** Runs a program, with an input; returns all it writes. Killed after a minute. */
export function run(
  program: string,
  args: readonly (string | number)[],
  input: string | Uint8Array = "",
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args.map(String), { timeout: 60_000, killSignal: "SIGKILL" });
    let output = "";
    child.stdout.on("data", (bytes) => output += bytes);
    child.stderr.on("data", (bytes) => output += bytes);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${code ?? signal}: ${output}`));
    });
    child.stdin.on("error", () => {}); // it did not read its input
    child.stdin.end(input);
  });
}
