/** The pages that are made of the code are as the code is; every flag is read from the environment. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { describe, test } from "node:test";
import { commandLines, type CommandName } from "../../cli/command_lines.ts";
import { type CommandLine, parseCommandLine } from "../../cli/command_line.ts";
import { flagFacts } from "../../cli/reference/mod.ts";
import { referencePages } from "../../cli/write_reference.ts";

const root = new URL("../../", import.meta.url);

for (const [path, text] of await referencePages()) {
  test(`${path} is as the code is (else: deno task man)`, () => {
    assert.equal(readFileSync(new URL(path, root), "utf8"), text);
  });
}

test("every code of src/errors.ts has its section", () => {
  const source = readFileSync(new URL("src/errors.ts", root), "utf8");
  const [, union] = /export type ErrorCode =([^;]*);/.exec(source)!;
  const page = readFileSync(new URL("docs/errors.md", root), "utf8");
  const sections = Array.from(page.matchAll(/^## ([a-z-]+)$/gm), ([, code]) => code);
  assert.deepEqual(sections, Array.from(union.matchAll(/"([a-z-]+)"/g), ([, code]) => code));
});

/** A program that judges the man page, or the reason to skip. */
function judgedBy(program: string, args: readonly string[], check: (output: string) => void): void {
  const there = spawnSync(program, ["--version"]).error === undefined;
  test(`${program} finds the man page in order`, there ? {} : { skip: `no ${program} here` }, () => {
    const { stdout, stderr } = spawnSync(program, [...args, "docs/echopipe.1"], { cwd: root, encoding: "utf8" });
    check(`${stderr}${stdout}`);
  });
}

judgedBy("mandoc", ["-Tlint"], (output) => {
  // Its date would change with every release, and long lines are only a matter of style.
  const complaints = output.split("\n").filter((line) =>
    line !== "" && !/missing date|longer than 80 bytes/.test(line)
  );
  assert.deepEqual(complaints, []);
});
judgedBy("groff", ["-ww", "-z", "-k", "-man", "-Tutf8"], (output) => assert.equal(output, ""));

/** A value that a flag takes. */
function sample(name: string, line: CommandLine, index: number): string {
  const flag = line.flags[index];
  const { choices, value } = flagFacts(flag);
  if (value === undefined) return "1";
  if (choices.length > 0) return choices[0];
  const tried = ["7", "text", "192.0.2.0/24", "latency=50ms", "p99>5ms"];
  const taken = tried.find((text) => {
    try {
      flag.parse?.(text);
      return true;
    } catch {
      return false;
    }
  });
  assert.ok(taken !== undefined, `no sample for ${name} ${flag.flags}`);
  return taken;
}

describe("every flag of the help is read from the environment", () => {
  for (const [name, line] of Object.entries(commandLines) as [CommandName, CommandLine][]) {
    test(name, () => {
      const kept = { ...process.env };
      for (const [index, flag] of line.flags.entries()) {
        const { variable, long } = flagFacts(flag);
        process.env[variable] = sample(name, line, index);
        const property = long.replace(/^--(no-)?/, "").replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
        const { origin } = parseCommandLine<Record<string, unknown>>(line, []);
        assert.equal(origin(property), "environment", long);
        delete process.env[variable];
      }
      Object.assign(process.env, kept);
    });
  }
});

test("the tasks are those of the commands", () => {
  const { tasks } = JSON.parse(readFileSync(new URL("deno.json", root), "utf8"));
  for (const [name, { task }] of Object.entries(commandLines)) {
    assert.ok(task in tasks, task);
    assert.equal(task.replace(":", "-"), name);
  }
});
