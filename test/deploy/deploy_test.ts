/** The files in deploy/ are ones that their programs take, and name flags that there are. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { temporaryFolder } from "../support/commands.ts";
import { environmentName } from "../../cli/environment.ts";
import { serverLine } from "../../cli/server_flags.ts";

const read = (name: string) => readFile(new URL(`../../deploy/${name}`, import.meta.url), "utf8");
const lacks = (command: string) => spawnSync(command, ["--version"]).error !== undefined && `needs ${command}`;

describe("deploy/", () => {
  test("every variable in it is that of a flag", async () => {
    const known = new Set(serverLine.flags.map(({ flags }) => environmentName(flags.split(" ")[0])));
    for (const name of ["echopipe.service", "Dockerfile"]) {
      const found = (await read(name)).match(/ECHOPIPE_[A-Z_]+/g) ?? [];
      assert.ok(found.length > 3);
      assert.deepEqual(found.filter((variable) => !known.has(variable)), [], name);
    }
  });

  test("systemd takes the unit, and finds little exposure", { skip: lacks("systemd-analyze") }, async () => {
    await using folder = await temporaryFolder();
    const unit = folder.file("echopipe.service");
    // The command need not be installed here.
    await writeFile(unit, (await read("echopipe.service")).replace("/usr/local/bin/echopipe", "/bin/true"));
    const verified = spawnSync("systemd-analyze", ["verify", "--man=no", unit], { encoding: "utf8" });
    const about = verified.stderr.split("\n").filter((line) => line.includes("echopipe.service"));
    assert.deepEqual(about, []);
    const { stdout } = spawnSync("systemd-analyze", ["security", "--offline=yes", "--no-pager", unit], {
      encoding: "utf8",
    });
    const exposure = /exposure level for echopipe\.service: (\d+(?:\.\d+)?)/.exec(stdout);
    if (exposure !== null) assert.ok(Number(exposure[1]) < 2.5, stdout);
  });

  test("logrotate takes its file", { skip: lacks("logrotate") }, async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("conf"), await read("logrotate.conf"), { mode: 0o644 });
    const { status, stderr } = spawnSync(
      "logrotate",
      ["--debug", "--state", folder.file("state"), folder.file("conf")],
      {
        encoding: "utf8",
      },
    );
    assert.equal(status, 0, stderr);
    assert.doesNotMatch(stderr, /error/);
  });
});
