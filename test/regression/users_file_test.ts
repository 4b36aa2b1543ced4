import assert from "node:assert/strict";
import { chmod, chown, lstat, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import process from "node:process";
import { test } from "node:test";
import { identify } from "../../src/access/identify.ts";
import { FileUserStore } from "../../src/identity/file_store.ts";
import { newUser } from "../../src/identity/users.ts";
import { temporaryFolder } from "../support/commands.ts";

const skip = process.getuid?.() === 0 ? false : "only root may give files away";
const other = 12_345;
const ownerOf = async (path: string) => {
  const { uid, gid, mode } = await stat(path);
  return [uid, gid, mode & 0o777];
};

test("10-7: a users file that root writes keeps its owner and mode", { skip }, async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("users.json");
  {
    await using store = await FileUserStore.open(path);
    await store.create(newUser("anna"));
  }
  await chown(path, other, other);
  await chmod(path, 0o640);
  await using store = await FileUserStore.open(path);
  await store.create(newUser("bert"));
  assert.match(await readFile(path, "utf8"), /bert/);
  assert.deepEqual(await ownerOf(path), [other, other, 0o640]);
});

test("10-7: a users file that root makes, and its lock, belong to the owner of the folder", { skip }, async () => {
  await using folder = await temporaryFolder();
  await chown(folder.path, other, other);
  const path = folder.file("users.json");
  await using store = await FileUserStore.open(path);
  await store.create(newUser("anna"));
  assert.deepEqual(await ownerOf(path), [other, other, 0o600]);
  assert.deepEqual(await ownerOf(`${path}.lock`), [other, other, 0o600]);
});

test("10-7: the mode of a users file is kept", { skip: process.platform === "win32" && "no modes" }, async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("users.json");
  await using store = await FileUserStore.open(path);
  await store.create(newUser("anna"));
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await chmod(path, 0o644);
  await store.create(newUser("bert"));
  assert.equal((await stat(path)).mode & 0o777, 0o644);
});

test("10-26: a user whose name an earlier rule let in keeps it", async () => {
  await using folder = await temporaryFolder();
  const path = folder.file("users.json");
  const name = "\u0430nna\u3164"; // a Cyrillic letter, and a filler
  const user = { name, revision: 1, created: "2026-01-01T00:00:00.000Z", addresses: [], sessions: [] };
  await writeFile(path, JSON.stringify({ format: "echopipe-users", version: 1, revision: 1, users: [user] }));
  await using store = await FileUserStore.open(path);
  assert.equal((await store.get(name))?.user.name, name);
  const login = identify({ users: store, address: "192.0.2.7" });
  await login.begin();
  assert.equal((await login.answer(name)).type, "welcome");
  assert.throws(() => newUser(name), { code: "invalid-argument" });
});

for (const target of ["a file", "nothing"]) {
  test(`10-27: a lock that is a link to ${target} is not followed`, async () => {
    await using folder = await temporaryFolder();
    const path = folder.file("users.json");
    if (target === "a file") await writeFile(folder.file("target"), "");
    await symlink(folder.file("target"), `${path}.lock`);
    await using store = await FileUserStore.open(path);
    await assert.rejects(store.create(newUser("anna")), { code: "io", message: /it is a link or a folder/ });
    assert.ok((await lstat(`${path}.lock`)).isSymbolicLink());
    const left = target === "a file" ? ["target", "users.json.lock"] : ["users.json.lock"];
    assert.deepEqual((await readdir(folder.path)).sort(), left);
  });
}
