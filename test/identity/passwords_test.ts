import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { checkPassword, Passwords } from "../../src/identity/passwords.ts";
import { formatPhc, parsePhc } from "../../src/identity/phc.ts";
import { phc } from "./store_contract.ts";

const cheap = { memory: 64, passes: 1 };

test("a password is known again, any other is not", async () => {
  await using passwords = new Passwords();
  const stored = await passwords.hash("a long walk home");
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z\d+/]{22}\$[A-Za-z\d+/]{43}$/);
  assert.equal(await passwords.verify("a long walk home", stored), true);
  assert.equal(await passwords.verify("a long walk Home", stored), false);
  assert.equal(await passwords.verify("", stored), false);
});

test("the same password has another hash each time", async () => {
  await using passwords = new Passwords(cheap);
  assert.notEqual(await passwords.hash("a long walk home"), await passwords.hash("a long walk home"));
});

test("a hash by another implementation is verified", async () => {
  await using passwords = new Passwords();
  // RFC 9106 has no vector without a secret; this is from the reference implementation's test.c (argon2id, m=65536, t=2, p=1).
  const stored = formatPhc({
    memory: 65536,
    passes: 2,
    lanes: 1,
    salt: new TextEncoder().encode("somesalt"),
    hash: Uint8Array.from(
      "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7".match(/../g)!.map((hex) => parseInt(hex, 16)),
    ),
  });
  assert.equal(await passwords.verify("password", stored), true);
});

test("without a hash nothing is right, and as much is computed", async () => {
  await using passwords = new Passwords(cheap);
  const turns: string[] = [];
  assert.equal(
    await passwords.verify("a long walk home", undefined, { before: () => void turns.push("hashed") }),
    false,
  );
  assert.deepEqual(turns, ["hashed"]);
});

test("composed and decomposed are the same password", async () => {
  await using passwords = new Passwords(cheap);
  const stored = await passwords.hash("Zürich-Gotthard".normalize("NFD"));
  assert.equal(await passwords.verify("Zürich-Gotthard".normalize("NFC"), stored), true);
});

test("a hash that costs too much is refused before it is computed", async () => {
  await using passwords = new Passwords(cheap);
  for (const cost of ["m=1048576,t=2,p=1", "m=19456,t=1000,p=1", "m=19456,t=2,p=64", "m=4,t=2,p=1"]) {
    const stored = phc.replace("m=19456,t=2,p=1", cost);
    await assert.rejects(passwords.verify("a long walk home", stored), { code: "invalid-argument" });
  }
});

/** The threads of this process, with their nice values (proc_pid_stat(5), field 19). */
function niceValues(): Map<string, number> {
  const values = new Map<string, number>();
  for (const thread of readdirSync("/proc/self/task")) {
    try {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, "utf8");
      values.set(thread, Number(stat.split(") ").at(-1)!.split(" ")[16]));
    } catch (error) {
      // It has ended since the folder was read: ENOENT, or ESRCH while it was read itself.
      if (!/^(ENOENT|ESRCH)$/.test((error as { code: string }).code)) throw error;
    }
  }
  return values;
}

test("hashing leaves the processor to the others", { skip: process.platform !== "linux" }, async () => {
  await using passwords = new Passwords(cheap);
  const before = niceValues();
  await passwords.hash("a long walk home");
  const after = niceValues();
  assert.ok([...after].some(([thread, nice]) => nice === 19 && !before.has(thread)));
  assert.equal(after.get(String(process.pid)), before.get(String(process.pid)));
});

test("weaker hashes are to be made anew, stronger ones not", () => {
  const passwords = new Passwords();
  assert.equal(passwords.needsRehash(phc), false);
  assert.equal(passwords.needsRehash(phc.replace("t=2", "t=1")), true);
  assert.equal(passwords.needsRehash(phc.replace("m=19456", "m=9216")), true);
  assert.equal(passwords.needsRehash(phc.replace("t=2", "t=3")), false);
});

test("beyond the queue's limit it is busy; what waits is done all the same", async () => {
  await using passwords = new Passwords({ ...cheap, queue: 2 });
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.hash("a long walk home")));
  assert.deepEqual(results.map(({ status }) => status), [
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
    "rejected",
  ]);
  assert.equal((results[4] as PromiseRejectedResult).reason.code, "busy");
  assert.ok(await passwords.hash("a long walk home"));
});

test("who is turned away when the turn comes leaves the others theirs", async () => {
  await using passwords = new Passwords(cheap);
  const away = passwords.hash("a long walk home", {
    before: () => {
      throw new Error("not now");
    },
  });
  await assert.rejects(away, /not now/);
  assert.ok(await passwords.hash("a long walk home"));
});

test("closed, what waits fails, and so does what comes", async () => {
  const passwords = new Passwords(cheap);
  const waiting = Array.from({ length: 3 }, () => passwords.hash("a long walk home"));
  const failing = Promise.allSettled(waiting);
  await passwords[Symbol.asyncDispose]();
  assert.deepEqual((await failing).map(({ status }) => status), ["rejected", "rejected", "rejected"]);
  await assert.rejects(passwords.hash("a long walk home"), { code: "closed" });
});

const fine = ["a long walk home", "x1!ö".repeat(256).slice(0, 800), "🙂🙃🙂🤖", "    ..    ab", "Tr0ub4dor&3xyz"];
for (const password of fine) {
  test(`may be a password: ${password.slice(0, 20)}`, () => assert.equal(checkPassword(password, "anna"), password));
}
const refused: Record<string, string> = {
  "7 bytes": "seven77",
  "1,025 bytes": "xy z".repeat(300),
  "common": "Password1",
  "common with a year": "Sunshine2024",
  "one character": "zzzzzzzzzzzz",
  "two characters": "abababababab",
  "digits in a row": "123456789",
  "letters in a row backwards": "poiuytrewq",
  "the name": "Annabelle",
};
for (const [what, password] of Object.entries(refused)) {
  test(`may not be a password: ${what}`, () => {
    assert.throws(() => checkPassword(password, "annabelle"), (error: { code?: string; message?: string }) => {
      assert.equal(error.code, "invalid-argument");
      assert.ok(!error.message!.includes(password));
      return true;
    });
  });
}

test("PHC strings are read and written alike, and nothing else is read", () => {
  assert.equal(formatPhc(parsePhc(phc)), phc);
  for (const text of ["", "hunter2", phc.replace("argon2id", "argon2i"), phc.slice(0, 40), `${phc}$`, phc + "\n"]) {
    assert.throws(() => parsePhc(text), { code: "invalid-argument" });
  }
});
