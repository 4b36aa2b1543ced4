import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, statSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import process from "node:process";
import { describe, test } from "node:test";
import { outputFile } from "../../cli/output_file.ts";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";

const posix = { skip: process.platform === "win32" };
const hello = new TextEncoder().encode("hello");
const mode = (path: string) => statSync(path).mode & 0o777;

/** The client, with a server of its own, and that output. */
async function echo(folder: string, output: string, input: string | Uint8Array, reader?: "none") {
  await using server = await startServerCommand(folder);
  const client = new Running("client", ["--port", String(server.at), "--output", output, "--log-to", "none"]);
  client.child.stdin!.end(input);
  if (reader === "none") {
    await new Promise((resume) => setTimeout(resume, 1500));
    client.kill("SIGINT");
  }
  return { status: await client.ended, stdout: client.stdout, stderr: client.stderr };
}

async function namedPipe(path: string): Promise<void> {
  const [status] = await once(spawn("mkfifo", [path], { stdio: "ignore" }), "exit");
  assert.equal(status, 0);
}

describe("a file that is written anew", posix, () => {
  test("has the mode of the one before it, from its first byte", async () => {
    await using folder = await temporaryFolder();
    for (const before of [0o600, 0o640, 0o755, 0o444]) {
      const path = folder.file(`out-${before}`);
      await writeFile(path, "before");
      await chmod(path, before);
      const output = (await outputFile(path))!;
      const [partial] = (await readdir(folder.path)).filter((name) => name.endsWith(".part"));
      assert.equal(mode(folder.file(partial)), before);
      await output.sink.write(hello);
      await output.keep();
      assert.equal(mode(path), before);
      assert.equal(await readFile(path, "utf8"), "hello");
    }
  });

  test("as the client does it", async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("out"), "before", { mode: 0o600 });
    const { status, stderr } = await echo(folder.path, folder.file("out"), "private");
    assert.equal(status, 0, stderr);
    assert.equal(mode(folder.file("out")), 0o600);
    assert.equal(await readFile(folder.file("out"), "utf8"), "private");
  });

  test("has the mode that every new file has where there was none", async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("other"), "");
    const output = (await outputFile(folder.file("out")))!;
    await output.keep();
    assert.equal(mode(folder.file("out")), mode(folder.file("other")));
  });

  test("may have as long a name as the system takes, in characters of any width", async () => {
    await using folder = await temporaryFolder();
    for (const name of ["x".repeat(250), "x".repeat(255), `x${"é".repeat(127)}`, `xy${"𝄞".repeat(63)}`]) {
      const output = (await outputFile(folder.file(name)))!;
      const [partial] = (await readdir(folder.path)).filter((name) => name.endsWith(".part"));
      assert.match(partial, new RegExp(`^x[^\\ufffd]*\\.${process.pid}\\.part$`));
      await output.sink.write(hello);
      await output.keep();
      assert.equal(await readFile(folder.file(name), "utf8"), "hello");
    }
  });

  test("leaves the one before it as it was when it is discarded", async () => {
    await using folder = await temporaryFolder();
    await writeFile(folder.file("out"), "before", { mode: 0o600 });
    const output = (await outputFile(folder.file("out")))!;
    await output.sink.write(hello);
    await output.discard();
    assert.equal(await readFile(folder.file("out"), "utf8"), "before");
    assert.deepEqual(await readdir(folder.path), ["out"]);
  });
});

describe("a link", posix, () => {
  test("to nothing yet: what it leads to is made", async () => {
    await using folder = await temporaryFolder();
    await mkdir(folder.file("deep"));
    await symlink("deep", folder.file("folder"));
    await symlink("../new", folder.file("deep/second"));
    await symlink("folder/second", folder.file("first"));
    const output = (await outputFile(folder.file("first")))!;
    await output.sink.write(hello);
    await output.keep();
    for (const name of ["first", "deep/second"]) assert.ok(lstatSync(folder.file(name)).isSymbolicLink());
    assert.ok(lstatSync(folder.file("new")).isFile());
    assert.equal(await readFile(folder.file("first"), "utf8"), "hello");
    assert.deepEqual((await readdir(folder.path)).sort(), ["deep", "first", "folder", "new"]);
  });

  test("that leads back to itself is an error, and left as it is", async () => {
    await using folder = await temporaryFolder();
    await symlink("b", folder.file("a"));
    await symlink("a", folder.file("b"));
    await assert.rejects(outputFile(folder.file("a")), { status: 1 });
    assert.deepEqual((await readdir(folder.path)).sort(), ["a", "b"]);
  });
});

test("a name that only a folder can have is refused before anything is sent", async () => {
  await using folder = await temporaryFolder();
  for (const name of ["", "new/"]) {
    await assert.rejects(outputFile(`${folder.path}/${name}`), { status: 1, message: /it is a folder/ });
  }
});

describe("what is no regular file", posix, () => {
  test("standard output, by whichever name, as without --output", async (t) => {
    if (!existsSync("/dev/fd/1")) return t.skip("no /dev/fd here");
    await using folder = await temporaryFolder();
    await symlink("/dev/stdout", folder.file("link"));
    const bytes = new Uint8Array(300_000).map((_, i) => i);
    for (const path of ["/dev/stdout", "/dev/fd/1", folder.file("link")]) {
      const { status, stdout, stderr } = await echo(folder.path, path, bytes);
      assert.equal(status, 0, `${path}: ${stderr}`);
      assert.deepEqual(new Uint8Array(stdout), bytes, path);
    }
    assert.ok(lstatSync(folder.file("link")).isSymbolicLink());
  });

  test("/dev/null", async () => {
    await using folder = await temporaryFolder();
    const { status, stderr } = await echo(folder.path, "/dev/null", "nobody reads this");
    assert.equal(status, 0, stderr);
    assert.ok(statSync("/dev/null").isCharacterDevice());
  });

  test("a named pipe: its reader gets all, however slow it is", async () => {
    await using folder = await temporaryFolder();
    await namedPipe(folder.file("pipe"));
    const bytes = new Uint8Array(1_000_000).map((_, i) => i * 7);
    const reader = spawn("sh", ["-c", 'sleep 0.5; exec 3<"$0"; sleep 0.5; cat <&3', folder.file("pipe")]);
    const read: Uint8Array[] = [];
    reader.stdout.on("data", (chunk) => read.push(chunk));
    const { status, stderr } = await echo(folder.path, folder.file("pipe"), bytes);
    assert.equal(status, 0, stderr);
    if (reader.exitCode === null) await once(reader, "close");
    assert.deepEqual(new Uint8Array(Buffer.concat(read)), bytes);
    assert.ok(statSync(folder.file("pipe")).isFIFO());
  });

  test("a named pipe that nobody reads holds up no signal", async () => {
    await using folder = await temporaryFolder();
    await namedPipe(folder.file("pipe"));
    assert.equal((await echo(folder.path, folder.file("pipe"), "hello", "none")).status, 130);
    // It outlives a client that would wait for it.
    const reader = spawn("sh", ["-c", 'exec 3<"$0"; exec sleep 300', folder.file("pipe")], { stdio: "ignore" });
    const closed = once(reader, "close");
    try {
      assert.equal((await echo(folder.path, folder.file("pipe"), new Uint8Array(500_000), "none")).status, 130);
    } finally {
      reader.kill();
      await closed;
    }
  });
});
