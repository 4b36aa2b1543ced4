/** Commands on a terminal of their own. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Running, type StartOptions } from "./commands.ts";

/** The words that run a command on a terminal. */
export const wrapper = ["python3", fileURLToPath(new URL("./terminal.py", import.meta.url))];

/** The reason to skip tests that need a terminal, or false. */
export const skip = spawnSync("python3", ["--version"]).status !== 0 && "no python3 here";

/** A command on a terminal. */
export class OnTerminal extends Running {
  #seen = 0;

  constructor(task: string, args: readonly string[], options: StartOptions = {}) {
    super(task, args, { ...options, wrapper: [...wrapper, ...(options.wrapper ?? [])] });
  }

  /** Waits until the screen shows it, after what was seen before. */
  async sees(pattern: RegExp): Promise<void> {
    const found = await this.until(() => {
      const match = pattern.exec(this.screen().slice(this.#seen));
      return match && { end: match.index + match[0].length };
    }, String(pattern));
    this.#seen += found.end;
  }

  types(keys: string): void {
    this.child.stdin!.write(keys);
  }

  /** The text shown, without control sequences, of which the last may have come only in part. */
  screen(): string {
    // deno-lint-ignore no-control-regex -- escape sequences are what it looks for
    return this.stdout.toString().replace(/\x1b\[[\d;?]*[A-Za-z]|\x1b(\[[\d;?]*)?$/g, "");
  }
}
