/** Users in a bucket of NATS: the contract of every store, then what only several servers show. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { openNats } from "../../src/cluster/nats.ts";
import { ClusterUserStore } from "../../src/cluster/user_store.ts";
import { changeUser, newUser, type UserStore, withAddress } from "../../src/identity/users.ts";
import { storeContract } from "../identity/store_contract.ts";
import { within } from "../support/deadline.ts";
import { NatsServer, skip } from "./nats_server.ts";

/** A store with a connection of its own, closed with it. */
async function openStore(url: string, limit?: number): Promise<UserStore> {
  const nats = await openNats({ url });
  const store = await ClusterUserStore.open(nats, limit);
  const close = store[Symbol.asyncDispose].bind(store);
  return Object.assign(store, {
    async [Symbol.asyncDispose]() {
      await close();
      await nats[Symbol.asyncDispose]();
    },
  });
}

describe("users of a cluster", { skip }, () => {
  let server: NatsServer;
  before(async () => void (server = await NatsServer.start()));
  after(() => server[Symbol.asyncDispose]());

  storeContract("nats", async (limit) => {
    const nats = await openNats({ url: server.url });
    await (await nats.bucket("echopipe-users")).destroy();
    await nats[Symbol.asyncDispose]();
    return await openStore(server.url, limit);
  });

  test("one of two servers that register a name at once gets it, and both know who", async () => {
    await using one = await openStore(server.url);
    await using other = await openStore(server.url);
    const created = await Promise.all([one, other].map((store) => store.create(newUser("zoe"))));
    assert.equal(created.filter((user) => user !== undefined).length, 1);
    for (const store of [one, other]) assert.equal((await store.get("ZOE"))?.user.name, "zoe");
  });

  test("changes of two servers at once are all kept, and both see them", async () => {
    await using one = await openStore(server.url);
    await using other = await openStore(server.url);
    await one.create(newUser("yan"));
    await within(() => other.get("yan") !== undefined, "the other sees it");
    const addresses = Array.from({ length: 12 }, (_, i) => `10.1.0.${i}`);
    await Promise.all(addresses.map(async (address, i) => {
      const store = i % 2 ? one : other;
      while (await store.get("yan") === undefined) await new Promise((resume) => setTimeout(resume, 5));
      await changeUser(store, "yan", (user) => withAddress(user, address));
    }));
    for (const store of [one, other]) {
      const seen = async () => [...(await store.get("yan"))!.user.addresses].sort().join();
      for (let tries = 0; await seen() !== [...addresses].sort().join(); tries++) {
        assert.ok(tries < 500, `only ${await seen()}`);
        await new Promise((resume) => setTimeout(resume, 10));
      }
    }
  });

  test("a value that is no user is named and left as it is, and all works again once it is mended", async () => {
    await using store = await openStore(server.url);
    await using nats = await openNats({ url: server.url });
    const bucket = await nats.bucket("echopipe-users");
    await store.create(newUser("vera"));
    const good = (await bucket.get(`user.${btoa("vera").replaceAll("=", "")}`))!;
    await bucket.put(good.key, '{"format":"other"}');
    const failed = async () =>
      await store.get("anna").then(() => undefined, (error) => error as { code: string; message: string });
    for (let tries = 0; await failed() === undefined; tries++) {
      assert.ok(tries < 500, "the store does not notice");
      await new Promise((resume) => setTimeout(resume, 10));
    }
    assert.equal((await failed())!.code, "damaged");
    assert.match((await failed())!.message, /echopipe-users, key user\./);
    await assert.rejects(store.create(newUser("ulf")), { code: "damaged" });
    await bucket.put(good.key, good.value);
    for (let tries = 0; await failed() !== undefined; tries++) {
      assert.ok(tries < 500, "the store does not recover");
      await new Promise((resume) => setTimeout(resume, 10));
    }
    assert.equal((await store.get("vera"))?.user.name, "vera");
  });

  test("while NATS is away reading and writing fail as such, and all resumes by itself, for every server", async () => {
    await using store = await openStore(server.url);
    const stored = await store.create(newUser("xena"));
    await using other = await openStore(server.url);
    await server.down();
    let failure: unknown;
    for (let tries = 0; failure === undefined; tries++) {
      failure = await store.get("xena").then(() => undefined, (error) => error);
      assert.ok(tries < 500, "it does not notice");
      await new Promise((resume) => setTimeout(resume, 10));
    }
    assert.match(String(failure), /NATS cannot be reached/);
    await assert.rejects(
      store.update(withAddress(stored!.user, "10.2.0.1"), stored!.revision),
      (error: { code: string }) => ["timed-out", "io"].includes(error.code),
    );
    await server.up();
    let changed: unknown;
    for (let tries = 0; changed === undefined; tries++) {
      changed = await changeUser(store, "xena", (user) => withAddress(user, "10.2.0.2")).catch(() => undefined);
      assert.ok(tries < 100, "it never resumes");
      if (changed === undefined) await new Promise((resume) => setTimeout(resume, 50));
    }
    const seen = async () => (await other.get("xena").catch(() => undefined))?.user.addresses.at(-1);
    for (let tries = 0; await seen() !== "10.2.0.2"; tries++) {
      assert.ok(tries < 500, "another server does not see what was written since");
      await new Promise((resume) => setTimeout(resume, 10));
    }
    await using another = await openStore(server.url);
    assert.deepEqual((await another.get("xena"))?.user.addresses.at(-1), "10.2.0.2");
    assert.ok(await another.create(newUser("will")));
    for (let tries = 0; await store.get("will") === undefined; tries++) {
      assert.ok(tries < 500, "the first store never hears of it");
      await new Promise((resume) => setTimeout(resume, 10));
    }
  });
});

test("a URL with a password in it is refused, and not repeated", async () => {
  await assert.rejects(openNats({ url: "nats://me:secret@127.0.0.1:1" }), (error: Error) => {
    assert.match(error.message, /it holds credentials/);
    return !error.message.includes("secret");
  });
  await assert.rejects(openNats({ url: "http://127.0.0.1" }), { code: "invalid-argument" });
  await assert.rejects(openNats({ url: "nats://127.0.0.1:1" }), { code: "connection-refused" });
});
