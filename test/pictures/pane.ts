/**
 * A terminal of a picture: commands that run in it, and what they show.
 *
 * @module
 */
import { Running, type StartOptions } from "../support/commands.ts";
import { Screen } from "../support/screen.ts";
import { wrapper } from "../support/terminal.ts";
import type { Steady } from "./steady.ts";
import type { Drawn } from "./svg.ts";

/** A terminal in which one command runs after the other. */
export class Pane {
  readonly title: string;
  readonly columns: number;
  #before = "";
  #running: Running | undefined;

  constructor(title: string, columns: number) {
    this.title = title;
    this.columns = columns;
  }

  /** Shows a prompt with what was typed at it. */
  type(typed: string): void {
    this.#end();
    this.#before += `\x1b[2m$\x1b[22m \x1b[1m${typed}\x1b[22m\r\n`;
  }

  /** Shows a text as a program would. */
  show(text: string): void {
    this.#before += text.replaceAll("\n", "\r\n");
  }

  /** Starts a command on the terminal; `typed` is shown at the prompt, since ports and paths of a run are its own. */
  run(typed: string, task: string, args: readonly string[], options: StartOptions = {}): Running {
    this.type(typed);
    const size = { PTY_COLUMNS: String(this.columns), PTY_ROWS: "60" };
    const env = { NO_COLOR: "", TERM: "xterm", ...size, ...options.env };
    this.#running = new Running(task, args, { ...options, env, wrapper: [...wrapper, ...(options.wrapper ?? [])] });
    return this.#running;
  }

  /** Waits until the command has shown it, in all that it showed since `from` bytes. */
  async sees(pattern: RegExp, from = 0): Promise<void> {
    await this.#running!.until(
      () => pattern.test(plain(this.#running!.stdout.subarray(from).toString())),
      `${pattern}`,
    );
  }

  /** Types at the command. */
  keys(keys: string): void {
    this.#running!.child.stdin!.write(keys);
  }

  #end(): void {
    this.#before += this.#running?.stdout.toString() ?? "";
    this.#running = undefined;
  }

  /** The screen as it is now, with ports and clocks made steady. */
  async drawn(steady: Steady): Promise<Drawn> {
    this.#end();
    using screen = new Screen(this.columns, 60);
    screen.write(steady.text(this.#before));
    await screen.settled();
    const rows = screen.spans();
    while (rows.at(-1)?.length === 0) rows.pop();
    return { title: this.title, rows, columns: this.columns };
  }
}

/** A text without control sequences. */
function plain(shown: string): string {
  // deno-lint-ignore no-control-regex -- escape sequences are what it takes out
  return shown.replaceAll(/\x1b\[[\d;?]*[A-Za-z]/g, "");
}
