/** The completions, in real shells. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { commandLines } from "../../cli/command_lines.ts";
import { completionsFor } from "../../cli/reference/mod.ts";
import { Running } from "../support/commands.ts";

function missing(shell: string): { skip: string } | Record<string, never> {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0 ? {} : { skip: `no ${shell} here` };
}

/** The lines that a shell prints for a script. */
function printed(shell: string, script: string): string[] {
  const { status, stdout, stderr } = spawnSync(shell, ["-c", script], { encoding: "utf8", timeout: 30_000 });
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout.split("\n").filter((line) => line !== "");
}

describe("bash", missing("bash"), () => {
  const script = completionsFor("bash", commandLines);
  /** What bash offers for words; the last is the one that is being typed. */
  const offered = (...words: string[]) => {
    const typed = words.map((word) => `'${word}'`).join(" ");
    const call = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _echopipe`;
    return printed("bash", `${script}\n${call}\nprintf '%s\\n' "\${COMPREPLY[@]}"`);
  };
  const cases: [typed: string[], offered: string[]][] = [
    [["cha"], ["chat-server", "chat"]],
    [["--v"], ["--version"]],
    [["server", "--frami"], ["--framing"]],
    [["server", "--framing", ""], ["auto", "message", "line", "raw"]],
    [["client", "--framing", ""], ["message", "line", "raw"]],
    [["server", "--framing", "="], ["auto", "message", "line", "raw"]],
    [["server", "--framing", "=", "me"], ["message"]],
    [["server", "--port", "1"], []],
    [["users", "l"], ["list", "logout"]],
    [["ping", "-c", "--j"], []],
    [["ping", "-c", "1", "--js"], ["--json"]],
    [["completions", ""], ["bash", "zsh", "fish"]],
    [["demo", "--"], ["--help", "--version"]],
    [["nonsense", "--"], []],
  ];
  for (const [typed, expected] of cases) {
    test(`echopipe ${typed.join(" ")}`, () => assert.deepEqual(offered("echopipe", ...typed), expected));
  }

  test("every flag of every command is offered", () => {
    for (const [name, { flags }] of Object.entries(commandLines)) {
      const names = flags.map(({ flags }) => /--[\w-]+/.exec(flags)![0]);
      assert.deepEqual(offered("echopipe", name, "--"), [...names, "--help", "--version"]);
    }
  });
});

test("fish offers commands, flags and values", missing("fish"), () => {
  const script = completionsFor("fish", commandLines);
  const offered = (typed: string) =>
    printed("fish", `${script}\ncomplete -C "echopipe ${typed}"`).map((line) => line.split("\t")[0]);
  assert.deepEqual(offered("cha").sort(), ["chat", "chat-server"]);
  assert.deepEqual(offered("server --frami"), ["--framing"]);
  assert.deepEqual(offered("server --framing me"), ["message"]);
  assert.deepEqual(offered("users lo"), ["logout"]);
});

test("zsh reads them", missing("zsh"), () => {
  const script = completionsFor("zsh", commandLines);
  const { status, stderr } = spawnSync("zsh", ["-n"], { input: script, encoding: "utf8", timeout: 30_000 });
  assert.deepEqual([status, stderr], [0, ""]);
});

test("the command prints them, and names the shells it knows", async () => {
  const fish = new Running("completions", ["fish"], { stdin: "ignore" });
  assert.equal(await fish.ended, 0);
  assert.equal(fish.stdout.toString(), completionsFor("fish", commandLines));
  for (const [args, said] of [[["tcsh"], ' for "tcsh": there are none for it'], [[], ": no shell is given"]] as const) {
    const wrong = new Running("completions", [...args], { stdin: "ignore" });
    assert.equal(await wrong.ended, 2);
    assert.match(
      wrong.stderr,
      new RegExp(`^completions: Cannot print completions${said}; expected one of bash, zsh, fish`),
    );
  }
});
