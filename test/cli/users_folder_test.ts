import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { exchange } from "../support/sockets.ts";

const mode = (path: string) => statSync(path).mode & 0o777;
const secret = "a long walk home";

describe("the folder of the users file", () => {
  test("is made when the server starts, for its owner alone", async () => {
    await using folder = await temporaryFolder();
    for (const [access, dialogue] of [["identify", "anna\nhi\n"], ["password", `anna\n${secret}\nhi\n`]]) {
      const users = folder.file(`${access}/sub/users.json`);
      await using server = await startServerCommand(folder.path, ["--access", access, "--users", users]);
      for (const made of [dirname(users), dirname(dirname(users))]) {
        if (process.platform !== "win32") assert.equal(mode(made), 0o700);
      }
      assert.match(String(await exchange(server.at, dialogue)), /anna\nhi\n$/);
      assert.match(await readFile(users, "utf8"), /"anna"/);
    }
  });

  test("is not made where nobody is asked for a name, nor where a flag is wrong", async () => {
    await using folder = await temporaryFolder();
    const users = ["--users", folder.file("missing/users.json")];
    {
      await using _server = await startServerCommand(folder.path, users);
    }
    const wrong = ["--yes", "--port", "0", "--log-to", "none", "--access", "identify", "--framing", "raw"];
    assert.equal(await new Running("server", [...wrong, ...users]).ended, 2);
    assert.deepEqual(await readdir(folder.path), ["server.log"]);
  });

  test("that cannot be made is an error before the server listens", async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("file"), "");
    const wrong = [folder.file("file/sub/users.json"), folder.file("file/users.json")];
    if (existsSync("/proc")) wrong.push("/proc/no/such/users.json");
    for (const users of wrong) {
      for (const access of ["identify", "password"]) {
        const flags = ["--yes", "--port", "0", "--log-to", "none", "--access", access, "--users", users];
        const server = new Running("server", flags);
        assert.equal(await server.ended, 1, server.stderr);
        assert.equal(server.stdout.length, 0);
        assert.match(server.stderr, /^server: Cannot make the folder of "[^"]*users\.json": (?!E[A-Z]+:)[^\n]+\n$/);
        assert.doesNotMatch(server.stderr, /--allow/);
      }
    }
  });

  test("is made by users add, and by nothing that only reads", async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("password"), secret);
    const users = folder.file("missing/sub/users.json");
    const run = async (...args: string[]) => {
      const running = new Running("users", ["--users", users, ...args], { stdin: "ignore" });
      return [await running.ended, running.stdout.toString(), running.stderr];
    };
    assert.deepEqual(await run("list"), [0, "", `No users: there is no file "${users}"\n`]);
    assert.ok(!existsSync(folder.file("missing")));
    assert.deepEqual(await run("add", "anna", "--password-file", folder.file("password")), [
      0,
      "",
      `Added anna to "${users}"\n`,
    ]);
    if (process.platform !== "win32") assert.equal(mode(folder.file("missing")), 0o700);
    assert.deepEqual(await run("list"), [0, "anna\tno address\tpassword\t0 sessions\n", ""]);
  });
});
