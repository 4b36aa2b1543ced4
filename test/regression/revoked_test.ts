import assert from "node:assert/strict";
import { test } from "node:test";
import { access } from "../../src/access/access.ts";
import { authenticate } from "../../src/access/authenticate.ts";
import { identify } from "../../src/access/identify.ts";
import { UserWatch } from "../../src/access/user_watch.ts";
import type { Chunk } from "../../src/framing/chunk.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { changeUser, newUser } from "../../src/identity/users.ts";
import { startServer } from "../../src/server/server.ts";
import { answer, chunkOf, hello, shared, shortly, type Turn, turnOf } from "../access/access_support.ts";
import { within } from "../support/deadline.ts";
import { KeptLog } from "../support/kept_log.ts";
import { open, received } from "../support/sockets.ts";

const secret = "a long walk home";

/** Says all of it, then nothing more, until the server has ended; returns what came back. */
async function stay(stage: ReadableWritablePair<Chunk, Chunk>, said: Turn[], afterwards: () => Promise<unknown>) {
  const writer = stage.writable.getWriter();
  const heard: (Turn | undefined)[] = [];
  let over = false;
  const reading = (async () => {
    for await (const chunk of stage.readable) heard.push(turnOf(chunk));
    over = true;
  })();
  for (const turn of said) writer.write(chunkOf(turn)).catch(() => {});
  await within(() => heard.length > said.length - 1, "all answers");
  await afterwards();
  await within(() => over, "the end of the connection");
  await reading;
  return heard;
}

test("10-27: a connection ends with a bye when the password of its user is changed, or the user removed", async () => {
  const server = shared();
  await using _passwords = server.passwords;
  const { users } = server;
  const userWatch = new UserWatch(users, 5);
  const stage = () => access({ mode: "password", login: authenticate({ ...server, userWatch, address: "::1" }) });

  const registered = [hello, answer("name", "anna"), answer("new-password", secret)];
  const changed = await stay(stage(), registered, async () => {
    const password = await server.passwords.hash("another long walk");
    await changeUser(users, "anna", (user) => ({ ...user, password }));
  });
  assert.deepEqual(shortly(changed), ["ask name", "ask new-password", "welcome", "bye"]);
  assert.deepEqual(changed.at(-1), { type: "bye", reason: "revoked", text: "The password of anna was changed" });

  const loggedIn = [hello, answer("name", "anna"), answer("password", "another long walk")];
  const removed = await stay(stage(), loggedIn, () => users.remove("anna"));
  assert.deepEqual(removed.at(-1), { type: "bye", reason: "revoked", text: "anna was removed" });
});

test("10-27: what else changes of a user ends no connection", async () => {
  const users = new MemoryUserStore();
  const userWatch = new UserWatch(users, 5);
  const { user } = (await users.create(newUser("anna")))!;
  const other = (await users.create(newUser("bert")))!.user;
  const revoked: string[] = [];
  const unwatch = userWatch.watch(user, (why) => revoked.push(why));
  userWatch.watch(other, (why) => revoked.push(why));
  await changeUser(users, "anna", (user) => ({ ...user, addresses: ["192.0.2.7"] }));
  await users.remove("bert");
  await within(() => revoked.length > 0, "bert");
  assert.deepEqual(revoked, ["bert was removed"]);
  unwatch();
});

test("10-27: in lines the reason is the last line", async () => {
  const users = new MemoryUserStore();
  const login = identify({ users, address: "192.0.2.7", userWatch: new UserWatch(users, 5) });
  const heard = await stay(access({ mode: "identify", login, framing: "line" }), ["anna\n", "hi\n"], async () => {
    await users.remove("anna");
  });
  assert.deepEqual(heard, ["Hello, what is your name?\n", "Hello, anna\n", "hi\n", "anna was removed\n"]);
});

test("10-27: a server ends the connection, and says why in its log", async () => {
  const users = new MemoryUserStore();
  const log = new KeptLog();
  await using server = await startServer({ port: 0, access: "identify", users }, log);
  const socket = await open(server.address.port);
  const back = received(socket);
  socket.write("anna\n");
  await within(() => log.values("access.registered", "name").length > 0, "the registration");
  await users.remove("anna");
  assert.match(String(await back), /Hello, anna\nanna was removed\n$/);
  socket.end();
  await within(() => log.values("client.disconnected", "reason").length > 0, "the end");
  assert.deepEqual(log.values("client.disconnected", "reason"), ["revoked"]);
  assert.equal(log.values("access.revoked", "peer").length, 1);
});
