/** Each wrong server is caught by the cases meant for it, and by no others; the right one passes all. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type CaseResult, casesOf, runCases, selectCases, Tester } from "../../src/verify/mod.ts";
import { startWrong, type WrongServer } from "./support/wrong_servers.ts";

/** Runs cases against a server; fails after a minute. */
async function verify({ port }: WrongServer, ids: readonly string[], timeoutMs = 1000): Promise<CaseResult[]> {
  const tester = new Tester({ target: { address: "127.0.0.1", port }, timeoutMs });
  const { chosen, unknown } = selectCases(casesOf("raw"), ids, false);
  assert.deepEqual(unknown, []);
  const limit = setTimeout(() => tester.stop(), 60_000);
  const results = await runCases(chosen, tester, false);
  clearTimeout(limit);
  assert.equal(results.length, chosen.length);
  return results;
}

const verdicts = ({ case: { id }, result, bytes, ending }: CaseResult) => `${id} ${result} ${bytes} ${ending}`;

/** One case of each kind: what a right server passes in a second or two. */
const usual = ["reach", "bytes/every-value", "bytes/3", "bytes/1025", "boundaries/1", "boundaries/1025", "peers/10"];
usual.push("ending/half-close-late", "ending/fin-first", "ending/reset-then-next");

test("a right server passes", async () => {
  await using server = await startWrong("right");
  const results = await verify(server, [...usual, "ending", "backpressure", "peers"], 5000);
  assert.deepEqual(results.filter(({ result }) => result !== "passed").map(({ actual }) => actual), []);
  assert.ok(server.errors.includes("ECONNRESET"), "the client that resets does");
});

/** A wrong server, the cases to run, and what is found of those that do not pass. */
const wrong: readonly [server: string, ids: readonly string[], found: readonly string[]][] = [
  ["sends first", ["reach/silent", "reach/echo"], [
    "reach/silent failed failed none",
    "reach/echo failed failed none",
  ]],
  ["drops the tail at the half-close", [...usual, "ending/half-close"], ["ending/half-close failed failed ok"]],
  ["doubles a byte", ["reach/silent", "bytes/3", "ending/fin-first", "peers/10"], [
    "bytes/3 failed failed none",
    "peers/10 failed failed none",
  ]],
  ["doubles the last byte", ["reach", "bytes/3", "boundaries/1", "ending/half-close-late"], [
    "bytes/3 failed failed none",
    "ending/half-close-late failed failed none",
  ]],
  ["strips the high bit", ["reach/echo", "bytes/every-value", "bytes/zeros", "bytes/text"], [
    "bytes/every-value failed failed none",
    "bytes/text failed failed none",
  ]],
  ["decodes text", ["reach/echo", "bytes/every-value", "bytes/line-ends"], ["bytes/every-value failed failed none"]],
  ["waits for 1 KiB", ["reach/silent", "bytes/1024", "boundaries/1024", "boundaries/1025", "ending/half-close-small"], [
    "boundaries/1025 failed failed none",
  ]],
  ["loses less than 1 KiB at the end", ["bytes/1024", "ending/half-close-small"], [
    "ending/half-close-small failed failed ok",
  ]],
  ["closes early", ["reach/connect", "bytes/3", "boundaries/1", "ending/stays-open"], [
    "boundaries/1 failed failed none",
    "ending/stays-open failed failed failed",
  ]],
  ["resets at the end", usual, ["ending/half-close-late failed ok failed", "ending/fin-first failed ok failed"]],
  ["never ends", usual, ["ending/half-close-late failed ok failed", "ending/fin-first failed ok failed"]],
  ["swaps two peers", [...usual, "peers/2"], ["peers/2 failed failed none", "peers/10 failed failed none"]],
  ["serves one at a time", [...usual.slice(0, -4), "peers/turns"], ["peers/turns failed failed none"]],
  ["keeps all it is sent", [...usual, "backpressure/pause"], ["backpressure/pause passed not-strict none"]],
  ["stops at a reset", usual.filter((id) => id !== "peers/10"), ["ending/reset-then-next failed failed none"]],
  ["is silent", ["reach/connect", "reach/silent", "reach/echo"], ["reach/echo failed failed none"]],
];

describe("a server that", () => {
  for (const [name, ids, found] of wrong) {
    test(name, async () => {
      await using server = await startWrong(name);
      const results = await verify(server, ids);
      const notOk = results.filter((one) => one.result !== "passed" || [one.bytes, one.ending].includes("not-strict"));
      assert.deepEqual(notOk.map(verdicts), found);
    });
  }
});

test("a server that nobody reaches is a finding of each case", async () => {
  const server = await startWrong("right");
  await server[Symbol.asyncDispose]();
  const [{ result, actual }] = await verify(server, ["bytes/3"]);
  assert.equal(result, "failed");
  assert.match(actual, /^Cannot connect to 127\.0\.0\.1:\d+: nothing listens there$/);
});

test("a stopped run ends soon, without the case under way", async () => {
  await using server = await startWrong("is silent");
  const tester = new Tester({ target: { address: "127.0.0.1", port: server.port }, timeoutMs: 60_000 });
  const running = runCases(casesOf("raw"), tester, false, {
    begin: ({ id }) => void (id === "reach/echo" && setTimeout(() => tester.stop(), 100)),
  });
  assert.deepEqual((await running).map(verdicts), ["reach/connect passed none none", "reach/silent passed ok ok"]);
});
