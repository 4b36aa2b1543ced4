import assert from "node:assert/strict";
import { test } from "node:test";
import { access } from "../../src/access/access.ts";
import { authenticate, type AuthenticateOptions } from "../../src/access/authenticate.ts";
import type { AccessEvent } from "../../src/access/steps.ts";
import { Passwords } from "../../src/identity/passwords.ts";
import { Sessions } from "../../src/identity/sessions.ts";
import { Throttle } from "../../src/identity/throttle.ts";
import { changeUser, newUser } from "../../src/identity/users.ts";
import { answer, hello, say, shared, shortly, type Turn } from "./access_support.ts";

type Shared = ReturnType<typeof shared>;
const secret = "a long walk home";

/** A test with what the logins of one server share. */
function serving(name: string, run: (server: Shared) => Promise<void>): void {
  test(`password: ${name}`, async () => {
    const server = shared();
    await using _ = server.passwords;
    await run(server);
  });
}

const visit = (options: Partial<AuthenticateOptions> & Shared, ...turns: Turn[]) =>
  say(access({ mode: "password", login: authenticate({ address: "192.0.2.1", ...options }) }), hello, ...turns);
const register = (server: Shared, name = "anna") => visit(server, answer("name", name), answer("new-password", secret));
const tokenOf = (heard: unknown[]) => (heard.at(-1) as { token: string }).token;

serving("an unknown name registers, then logs in, with a token each time", async (server) => {
  const first = await register(server);
  assert.deepEqual(shortly(first), ["ask name", "ask new-password", "welcome"]);
  const second = await visit(server, answer("name", "Anna"), answer("password", secret), "hi");
  assert.deepEqual(shortly(second), ["ask name", "ask password", "welcome", "hi"]);
  const { name, access, token, expires } = second[2] as Record<string, string>;
  assert.deepEqual([name, access, token.length], ["anna", "password", 43]);
  assert.ok(Date.parse(expires) > Date.now());
  assert.notEqual(token, tokenOf(first));
});

serving("neither password nor token is stored", async (server) => {
  const token = tokenOf(await register(server));
  const stored = JSON.stringify(await server.users.list());
  assert.ok(!stored.includes(secret) && !stored.includes(token));
  assert.match(stored, /\$argon2id\$/);
});

serving("in lines it is the same", async (server) => {
  const arrive = (...turns: Turn[]) =>
    say(
      access({ mode: "password", login: authenticate({ ...server, address: "::1" }), framing: "line" }),
      ...turns,
    );
  assert.deepEqual(await arrive("anna\n", `${secret}\n`, "hi\n"), [
    "Your name?\n",
    "anna is new here. Choose a password, of 8 bytes or more:\n",
    "Welcome, anna\n",
    "hi\n",
  ]);
  assert.deepEqual(await arrive("anna\n", `${secret}\n`), ["Your name?\n", "Password?\n", "Welcome back, anna\n"]);
});

serving("a token saves the password, until it is given back", async (server) => {
  const token = tokenOf(await register(server));
  const arrive = (...turns: Turn[]) =>
    say(
      access({ mode: "password", login: authenticate({ ...server, address: "::1" }) }),
      { type: "hello", version: 1, token },
      ...turns,
    );
  assert.deepEqual(shortly(await arrive("hi")), ["welcome", "hi"]);
  assert.deepEqual(shortly(await arrive({ type: "logout" })), ["welcome", "bye"]);
  assert.deepEqual(shortly(await arrive()), ["ask name"]);
});

serving("a token that has expired leads to the question", async (server) => {
  let now = Date.now();
  const sessions = new Sessions({ idle: 1000, now: () => now });
  const token = tokenOf(await visit({ ...server, sessions }, answer("name", "anna"), answer("new-password", secret)));
  now += 2000;
  const login = authenticate({ ...server, sessions, address: "::1" });
  assert.equal((await login.begin(token)).type, "ask");
});

serving("three wrong passwords end it", async (server) => {
  await register(server);
  const wrong = answer("password", "not the password");
  const heard = await visit(server, answer("name", "anna"), wrong, wrong, wrong, answer("password", secret));
  assert.deepEqual(shortly(heard), [
    "ask name",
    "ask password",
    "ask password",
    "ask password",
    "refused credentials",
  ]);
});

serving("registration closed: an unknown name and a wrong password look alike", async (server) => {
  await register(server);
  const wrong = answer("password", "not the password");
  const closed = { ...server, registration: "closed" } as const;
  const unknown = await visit(closed, answer("name", "bert"), wrong, wrong, wrong);
  const known = await visit(closed, answer("name", "anna"), wrong, wrong, wrong);
  assert.deepEqual(unknown, known);
  assert.equal(await server.users.get("bert"), undefined);
});

serving("no password opens an account that has none, but registering does", async (server) => {
  await server.users.create(newUser("bert"));
  const closed = await visit({ ...server, registration: "closed" }, answer("name", "bert"), answer("password", "-"));
  assert.deepEqual(shortly(closed), ["ask name", "ask password", "ask password"]);
  assert.deepEqual(shortly(await register(server, "bert")), ["ask name", "ask new-password", "welcome"]);
});

serving("a password that cannot be is explained, and not repeated", async (server) => {
  const heard = await visit(
    server,
    answer("name", "anna"),
    answer("new-password", "password123"),
    answer("new-password", "short"),
    answer("new-password", secret),
  );
  assert.deepEqual(shortly(heard).slice(2), ["ask new-password", "ask new-password", "welcome"]);
  assert.ok(!JSON.stringify(heard).includes("password123"));
});

serving("a name with rights is registered from this machine only", async (server) => {
  const stranger = { ...server, admins: ["Anna"], local: false };
  assert.deepEqual(shortly(await visit(stranger, answer("name", "anna"))), ["ask name", "ask password"]);
  const local = { ...stranger, local: true };
  assert.deepEqual(shortly(await visit(local, answer("name", "anna"))), ["ask name", "ask new-password"]);
});

serving("who guesses is turned away, and from elsewhere the owner gets in", async (server) => {
  await register(server);
  const throttle = new Throttle({ addressFree: 2, accountFree: 100 });
  const wrong = answer("password", "not the password");
  const guesser = { ...server, throttle, address: "198.51.100.1" };
  await visit(guesser, answer("name", "anna"), wrong, wrong, wrong);
  const refused = (await visit(guesser, answer("name", "anna"), answer("password", secret))).at(-1);
  assert.deepEqual(shortly([refused]), ["refused throttled"]);
  assert.ok((refused as { retry_after_s: number }).retry_after_s >= 1);
  const owner = await visit({ ...server, throttle }, answer("name", "anna"), answer("password", secret));
  assert.deepEqual(shortly(owner).at(-1), "welcome");
});

serving("weaker hashes are made anew at login", async (server) => {
  await register(server);
  await using stronger = new Passwords({ memory: 128, passes: 2 });
  await visit({ ...server, passwords: stronger }, answer("name", "anna"), answer("password", secret));
  assert.match((await server.users.get("anna"))!.user.password!, /m=128,t=2,p=1/);
  const again = await visit({ ...server, passwords: stronger }, answer("name", "anna"), answer("password", secret));
  assert.deepEqual(shortly(again).at(-1), "welcome");
});

serving("too many at once are told to come back", async (server) => {
  await register(server);
  await using passwords = new Passwords({ memory: 64, passes: 1, queue: 1 });
  const logins = Array.from(
    { length: 6 },
    () => visit({ ...server, passwords }, answer("name", "anna"), answer("password", secret)),
  );
  const ends = (await Promise.all(logins)).map((heard) => shortly(heard).at(-1));
  assert.ok(ends.includes("welcome"));
  assert.ok(ends.includes("refused busy"));
});

serving("of two who register a name at once, one gets it", async (server) => {
  const heard = await Promise.all([register(server), register(server)]);
  assert.deepEqual(heard.map((turns) => shortly(turns).at(-1)).sort(), ["ask name", "welcome"]);
  assert.equal((await server.users.list()).length, 1);
});

serving("a password changed meanwhile does not open the account", async (server) => {
  await register(server);
  const login = authenticate({ ...server, address: "::1" });
  await login.begin();
  await login.answer("anna");
  const other = await server.passwords.hash("another long walk");
  await changeUser(server.users, "anna", (user) => ({ ...user, password: other }));
  assert.equal((await login.answer(secret)).type, "refused");
});

serving("no password and no token is in what is reported", async (server) => {
  const events: AccessEvent[] = [];
  const login = authenticate({ ...server, address: "::1" });
  const stage = access({ mode: "password", login, onEvent: (event) => events.push(event) });
  const heard = await say(stage, hello, answer("name", "anna"), answer("new-password", secret));
  const reported = JSON.stringify(events);
  assert.ok(!reported.includes(secret) && !reported.includes(tokenOf(heard)));
  assert.deepEqual(events, [{ type: "admitted", name: "anna", registered: true }]);
});

serving("what waits ends when the server does", async (server) => {
  await register(server);
  const closing = new AbortController();
  const throttle = new Throttle({ accountFree: 0, accountMax: 60_000 });
  for (let i = 0; i < 20; i++) throttle.failed("anna", `198.51.100.${i}`);
  const login = authenticate({ ...server, throttle, address: "203.0.113.9", signal: closing.signal });
  await login.begin();
  await login.answer("anna");
  const step = login.answer(secret);
  setTimeout(() => closing.abort(), 10);
  const refusal = await step;
  assert.deepEqual(refusal.type === "refused" && refusal.code, "unavailable");
});
