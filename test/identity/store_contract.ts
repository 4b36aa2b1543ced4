/** What every store of users must do: a new one is tested by naming it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { changeUser, newUser, type User, type UserStore, withAddress } from "../../src/identity/users.ts";

const digest = "A".repeat(43);
const session = { digest, created: "2026-01-01T00:00:00.000Z", used: "2026-01-01T00:00:00.000Z" };
const anna = newUser("anna", new Date(0));

/** Runs the suite on stores that `open` makes, each empty; `most`: how many users they may hold, if told so. */
export function storeContract(name: string, open: (most?: number) => Promise<UserStore>): void {
  const using = (title: string, run: (store: UserStore) => Promise<void>, most?: number) =>
    test(`${name}: ${title}`, async () => {
      await using store = await open(most);
      await run(store);
    });

  using("what is not there is undefined", async (store) => {
    assert.equal(await store.get("anna"), undefined);
    assert.equal(await store.findByAddress("127.0.0.1"), undefined);
    assert.equal(await store.findBySession(digest), undefined);
    assert.deepEqual(await store.list(), []);
    assert.equal(await store.update(anna, 1), undefined);
    assert.equal(await store.remove("anna"), false);
  });

  using("a user comes back as it was created", async (store) => {
    const user: User = { ...anna, addresses: ["::1"], password: phc, sessions: [session] };
    const created = await store.create(user);
    assert.deepEqual(created?.user, user);
    assert.deepEqual(await store.get("anna"), created);
    assert.deepEqual(await store.list(), [created]);
  });

  using("create requires absence, whatever the case of the letters", async (store) => {
    assert.ok(await store.create(anna));
    assert.equal(await store.create({ ...anna, password: phc }), undefined);
    assert.equal(await store.create(newUser("ANNA")), undefined);
    assert.equal((await store.get("Anna"))?.user.password, undefined);
    assert.equal((await store.get("Anna"))?.user.name, "anna");
  });

  using("create can require an address that nobody came from", async (store) => {
    assert.ok(await store.create(withAddress(anna, "::ffff:10.0.0.1"), "10.0.0.1"));
    assert.equal(await store.create(newUser("bert"), "10.0.0.1"), undefined);
    assert.ok(await store.create(newUser("bert"), "10.0.0.2"));
  });

  using("update requires the revision last read", async (store) => {
    const created = await store.create(anna);
    const changed = await store.update({ ...anna, password: phc }, created!.revision);
    assert.ok(changed!.revision > created!.revision);
    assert.equal(await store.update(anna, created!.revision), undefined);
    assert.equal((await store.get("anna"))?.user.password, phc);
  });

  using("a revision is never used twice, not even by a namesake", async (store) => {
    const first = await store.create(anna);
    assert.equal(await store.remove("anna"), true);
    const second = await store.create(anna);
    assert.notEqual(first!.revision, second!.revision);
    assert.equal(await store.update({ ...anna, password: phc }, first!.revision), undefined);
  });

  using("users are found by address, the last one who came from there", async (store) => {
    const bert = newUser("bert");
    const first = await store.create(withAddress(anna, "::ffff:10.0.0.1"));
    assert.equal((await store.findByAddress("10.0.0.1"))?.user.name, "anna");
    await store.create(withAddress(bert, "10.0.0.1"));
    assert.equal((await store.findByAddress("10.0.0.1"))?.user.name, "bert");
    await store.update({ ...first!.user, addresses: ["10.0.0.1", "10.0.0.2"] }, first!.revision);
    assert.equal((await store.findByAddress("10.0.0.1"))?.user.name, "anna");
    await store.remove("anna");
    assert.equal(await store.findByAddress("10.0.0.2"), undefined);
  });

  using("users are found by session until it ends", async (store) => {
    const created = await store.create({ ...anna, sessions: [session] });
    assert.equal((await store.findBySession(digest))?.user.name, "anna");
    await store.update(anna, created!.revision);
    assert.equal(await store.findBySession(digest), undefined);
  });

  using("users are listed by name", async (store) => {
    for (const name of ["cleo", "anna", "Bert"]) await store.create(newUser(name));
    assert.deepEqual((await store.list()).map(({ user }) => user.name), ["anna", "Bert", "cleo"]);
  });

  using("a full store adds nobody, and says so", async (store) => {
    await store.create(newUser("anna"));
    await store.create(newUser("bert"));
    await assert.rejects(store.create(newUser("cleo")), { code: "too-large", limit: 2 });
    assert.equal(await store.create(newUser("anna")), undefined);
    assert.equal((await store.list()).length, 2);
  }, 2);

  using("of many changes at once none is lost", async (store) => {
    const created = await Promise.all(Array.from({ length: 20 }, (_, i) => store.create(newUser(`user ${i % 10}`))));
    assert.equal(created.filter((user) => user !== undefined).length, 10);
    const addresses = Array.from({ length: 8 }, (_, i) => `10.0.0.${i}`);
    await Promise.all(addresses.map((address) => changeUser(store, "user 0", (user) => withAddress(user, address))));
    assert.deepEqual([...(await store.get("user 0"))!.user.addresses].sort(), addresses);
  });
}

/** A well-formed hash of nothing. */
export const phc = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
