/** The chat on a terminal. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Running } from "../support/commands.ts";
import { Screen } from "../support/screen.ts";
import { skip, wrapper } from "../support/terminal.ts";

/** A member of a chat on a terminal of 120 columns. */
class OnScreen {
  readonly #member: Running;
  readonly #screen = new Screen();

  constructor(port: number, name: string) {
    const args = ["--yes", "--port", String(port), "--name", name, "--log-to", "none"];
    this.#member = new Running("chat", args, { wrapper });
    this.#member.child.stdout!.on("data", (bytes: Uint8Array) => this.#screen.write(bytes));
  }

  types(keys: string): void {
    this.#member.child.stdin!.write(keys);
  }

  /** The rows without their times, once they are these. */
  async shows(...expected: string[]): Promise<void> {
    const rows = () => this.#screen.rows().map((row) => row.replace(/^\d\d:\d\d:\d\d /, "TIME "));
    const same = () => JSON.stringify(rows()) === JSON.stringify(expected);
    await this.#member.until(same, "the rows").catch(() => assert.deepEqual(rows(), expected));
  }

  async leaves(): Promise<void> {
    this.types("exit\r");
    assert.equal(await this.#member.ended, 0);
  }
}

describe("the chat on a terminal", { skip }, () => {
  test("own lines come back with their time, a long one is shortened, history and the last texts are there", async () => {
    const server = new Running("chat:server", ["--yes", "--port", "0", "--log-to", "none"]);
    const port = await server.port();
    const ada = new OnScreen(port, "ada");
    const welcome = "Welcome, ada. Here: ada (1). /help explains";
    await ada.shows(welcome, "> ");
    ada.types("hello\r");
    await ada.shows(welcome, "TIME ada: hello", "> ");
    // With the prompt it fills the row exactly.
    const full = "f".repeat(118);
    ada.types(`${full}\r`);
    // The time takes 8 columns.
    const said = [welcome, "TIME ada: hello", `TIME ada: ${full.slice(0, 106)}`, full.slice(106)];
    await ada.shows(...said, "> ");
    ada.types("\x1b[A\x1b[A");
    await ada.shows(...said, "> hello");
    ada.types(`${"\x7f".repeat(5)}/me waves\r`);
    await ada.shows(...said, "TIME * ada waves", "> ");
    const bob = new OnScreen(port, "bob");
    const told = [...said.slice(1), "TIME * ada waves"];
    await bob.shows("Welcome, bob. Here: ada, bob (2). /help explains", ...told, "> ");
    await bob.leaves();
    const left = [...said, "TIME * ada waves", "TIME bob joined", "TIME bob left"];
    await ada.shows(...left, "> ");
    ada.types(`${"z".repeat(1002)}\r`);
    const problem = "Cannot send a text of 1002 bytes: the limit is 1000 bytes, so that it fits one datagram";
    const kept = [`> ${"z".repeat(118)}`, ...Array<string>(7).fill("z".repeat(120)), "z".repeat(44)];
    await ada.shows(...left, problem, ...kept);
    ada.types("\x7f".repeat(1000));
    await ada.shows(...left, problem, "> zz");
    ada.types("\r");
    await ada.shows(...left, problem, "TIME ada: zz", "> ");
    await ada.leaves();
    assert.equal(await server.stop(), 0);
  });
});
