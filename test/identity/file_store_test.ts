import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { FileLock } from "../../src/files/file_lock.ts";
import { FileUserStore } from "../../src/identity/file_store.ts";
import { newUser } from "../../src/identity/users.ts";
import { phc, storeContract } from "./store_contract.ts";

let folder: string;
let files = 0;
const path = () => join(folder, `users-${++files}.json`);
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "echopipe-users-"));
});
after(() => rm(folder, { recursive: true }));

storeContract("file", (most) => FileUserStore.open(path(), most));

test("the file is readable, its owner's alone, and nothing else is left beside it", async () => {
  const file = path();
  await using store = await FileUserStore.open(file);
  await store.create({ ...newUser("anna", new Date(0)), password: phc });
  assert.deepEqual(JSON.parse(await readFile(file, "utf8")), {
    format: "echopipe-users",
    version: 1,
    revision: 1,
    users: [{
      name: "anna",
      revision: 1,
      created: "1970-01-01T00:00:00.000Z",
      addresses: [],
      sessions: [],
      password: phc,
    }],
  });
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.ok(!(await readdir(folder)).some((name) => name.endsWith(".tmp")));
});

test("two stores on one file see each other's changes, and lose none", async () => {
  const file = path();
  await using one = await FileUserStore.open(file);
  await using two = await FileUserStore.open(file);
  const created = await one.create(newUser("anna"));
  assert.deepEqual(await two.get("anna"), created);
  await two.update({ ...created!.user, password: phc }, created!.revision);
  assert.equal(await one.update(created!.user, created!.revision), undefined);
  const names = Array.from({ length: 20 }, (_, i) => `user ${i}`);
  await Promise.all(names.map((name, i) => (i % 2 ? one : two).create(newUser(name))));
  assert.equal((await one.list()).length, 21);
  assert.equal((await two.list()).length, 21);
});

test("a link to the file stays one", async () => {
  const file = path();
  const link = path();
  await writeFile(file, JSON.stringify({ format: "echopipe-users", version: 1, revision: 0, users: [] }));
  await symlink(file, link);
  await using store = await FileUserStore.open(link);
  await store.create(newUser("anna"));
  assert.match(await readFile(file, "utf8"), /anna/);
});

const user = { name: "anna", revision: 1, created: "2026-01-01T00:00:00.000Z", addresses: [], sessions: [] };
const whole = (...users: unknown[]) => JSON.stringify({ format: "echopipe-users", version: 1, revision: 1, users });
const damages: Record<string, [string, RegExp]> = {
  "nothing": ["", /it is empty; expected a JSON object/],
  "cut short": [`{\n  "format": "echopipe-users",\n  "ver`, /line 3 is not JSON/],
  "not JSON": [`{\n  "format": oops\n}`, /line 2 is not JSON/],
  "a list": ["[]", /the whole is a list; expected an object/],
  "another format": [`{"format":"passwd"}`, /format is another; expected "echopipe-users"/],
  "a later version": [`{"format":"echopipe-users","version":2}`, /version is 2; expected 1/],
  "no users": [`{"format":"echopipe-users","version":1,"revision":1}`, /users is missing; expected a list/],
  "a user that is none": [whole(user, 3), /users\[1\] is a number; expected an object/],
  "a user without a name": [whole({ ...user, name: undefined }), /users\[0\]\.name is missing/],
  "a name that cannot be": [whole({ ...user, name: "a\u0000" }), /users\[0\]\.name has another form/],
  "a name twice": [whole(user, { ...user, name: "ANNA" }), /users\[1\]\.name is there twice/],
  "a revision of the future": [
    whole({ ...user, revision: 2 }),
    /users\[0\]\.revision is 2; expected at most the file's 1/,
  ],
  "no time": [whole({ ...user, created: "today" }), /users\[0\]\.created has another form/],
  "a day that is none": [whole({ ...user, created: "2026-13-01T00:00:00Z" }), /users\[0\]\.created is no time/],
  "a password as it is": [whole({ ...user, password: "hunter2-secret" }), /users\[0\]\.password has another form/],
  "a hash that costs a gigabyte": [whole({ ...user, password: phc.replace("19456", "1048576") }), /\.password/],
  "an address that is none": [whole({ ...user, addresses: ["home"] }), /users\[0\]\.addresses\[0\] has another form/],
  "too many addresses": [
    whole({ ...user, addresses: Array(17).fill("::1") }),
    /addresses has 17 entries; expected at most 16/,
  ],
  "a session without a digest": [whole({ ...user, sessions: [{}] }), /users\[0\]\.sessions\[0\]\.digest is missing/],
};
for (const [name, [text, found]] of Object.entries(damages)) {
  test(`a damaged file is named and left as it is: ${name}`, async () => {
    const file = path();
    await writeFile(file, text);
    await assert.rejects(FileUserStore.open(file), (error: { code?: string; message?: string }) => {
      assert.equal(error.code, "damaged");
      assert.match(error.message!, found);
      assert.ok(!error.message!.includes("hunter2"));
      return true;
    });
    assert.equal(await readFile(file, "utf8"), text);
  });
}

test("a file that is damaged while it is open is not overwritten either, and works again once mended", async () => {
  const file = path();
  await using store = await FileUserStore.open(file);
  await store.create(newUser("anna"));
  const good = await readFile(file, "utf8");
  await writeFile(file, good.slice(0, -10));
  await assert.rejects(store.create(newUser("bert")), { code: "damaged" });
  await assert.rejects(store.get("anna"), { code: "damaged" });
  assert.equal(await readFile(file, "utf8"), good.slice(0, -10));
  await writeFile(file, good);
  assert.ok(await store.create(newUser("bert")));
  assert.equal((await store.list()).length, 2);
});

test("what a killed writer left behind is in nobody's way", async () => {
  const file = path();
  await writeFile(`${file}.tmp`, "half a fi");
  await using store = await FileUserStore.open(file);
  assert.ok(await store.create(newUser("anna")));
});

test("a folder that is not there is an error that says so, of the call that needs it", async () => {
  await using store = await FileUserStore.open(join(folder, "none", "users.json"));
  await assert.rejects(store.create(newUser("anna")), { code: "io" });
});

test("a lock is waited for, but not forever", async () => {
  const file = path();
  const mine = new FileLock(file);
  const other = new FileLock(file, 20);
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const holding = mine.hold(() => {
    begun.resolve();
    return held.promise;
  });
  await begun.promise;
  await assert.rejects(other.hold(() => Promise.resolve()), { code: "timed-out" });
  held.resolve();
  await holding;
  assert.equal(await other.hold(() => Promise.resolve("mine now")), "mine now");
  await Promise.all([mine.close(), other.close()]);
});

test("a lock is given up when its holder fails", async () => {
  const lock = new FileLock(path());
  await assert.rejects(lock.hold(() => Promise.reject(new Error("no"))), /no/);
  assert.equal(await lock.hold(() => Promise.resolve(1)), 1);
  await lock.close();
});
