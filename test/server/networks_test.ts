/** Who may connect: networks, and the rate of one address. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "echopipe/server";
import type { Address } from "../../src/runtime/socket.ts";
import { Clients } from "../../src/server/clients.ts";
import { Counters } from "../../src/server/counters.ts";
import { type LimitOptions, limitsOf } from "../../src/server/limits.ts";
import { Admission } from "../../src/server/networks.ts";
import { KeptLog } from "../support/kept_log.ts";
import { exchange } from "../support/sockets.ts";

const admission: [allow: string[], deny: string[], address: string, admitted: boolean][] = [
  [[], [], "192.0.2.1", true],
  [["192.0.2.0/24"], [], "192.0.2.255", true],
  [["192.0.2.0/24"], [], "192.0.3.0", false],
  [["192.0.2.0/24"], [], "::ffff:192.0.2.7", true],
  [["::ffff:192.0.2.0/120"], [], "192.0.2.7", true],
  [["192.0.2.7"], [], "192.0.2.7", true],
  [["192.0.2.7"], [], "192.0.2.8", false],
  [["192.0.2.0/24"], ["192.0.2.7"], "192.0.2.7", false],
  [["192.0.2.7"], ["192.0.2.0/24"], "192.0.2.7", false],
  [[], ["2001:db8::/32"], "2001:DB8:1::1", false],
  [[], ["2001:db8::/32"], "2001:db9::1", true],
  [[], ["0.0.0.0/0"], "::1", true],
  [["fe80::/10"], [], "fe80::1%eth0", true],
  [["0.0.0.0/0"], ["::/0"], "::ffff:192.0.2.7", true],
];
for (const [allow, deny, address, admitted] of admission) {
  test(`allow ${allow.join() || "all"}, deny ${deny.join() || "none"}: ${address} ${admitted ? "may" : "may not"}`, () => {
    assert.equal(new Admission(allow, deny).admits(address), admitted);
  });
}

for (
  const wrong of [
    "",
    "192.0.2",
    "192.0.2.1/33",
    "::/129",
    "192.0.2.1/",
    "192.0.2.1/8/8",
    "all",
    "fe80::1%eth0",
    "::ffff:1.2.3.4/90",
  ]
) {
  test(`"${wrong}" is no network`, async () => {
    await assert.rejects(startServer({ port: 0, deny: [wrong] }), {
      code: "invalid-argument",
      message: /Cannot use network/,
    });
  });
}

test("a client that may not connect is closed at once, and each refusal is counted", async () => {
  const log = new KeptLog();
  const server = await startServer({ port: 0, deny: ["127.0.0.0/8"] }, log);
  for (let i = 0; i < 40; i++) {
    assert.equal(String(await exchange(server.address.port, "hello\n").catch(() => "")), "");
  }
  await server.stop();
  assert.equal(log.of("client.connected").length, 0);
  const refused = log.of("client.refused");
  assert.match(refused[0].message, /^Client 127\.0\.0\.1:\d+ was closed at once: its address is not allowed$/);
  assert.equal(refused.reduce((sum, { fields }) => sum + Number(fields.count ?? 1), 0), 40);
  assert.ok(refused.length < 40);
});

/** The number of connections of these addresses that are admitted at once. */
function admitted(options: LimitOptions, addresses: readonly string[]): number {
  const clients = new Clients({
    log: new KeptLog(),
    limits: limitsOf(options),
    counters: new Counters(),
    makeSession: () => assert.fail("nobody connects"),
  });
  const count = addresses.filter((address) => clients.admits({ address, port: 1 } satisfies Address)).length;
  clients.close();
  clients.drain();
  return count;
}

test("one address connects so often and no more; loopback and others do", () => {
  const often = (address: string) => Array.from({ length: 100 }, () => address);
  assert.equal(admitted({ maxConnectionRate: 1 }, often("192.0.2.1")), 10);
  assert.equal(admitted({ maxConnectionRate: 1 }, often("127.0.0.1")), 100);
  assert.equal(admitted({ maxConnectionRate: 0 }, often("192.0.2.1")), 100);
  const network = Array.from({ length: 100 }, (_, i) => `2001:db8::${i}`);
  assert.equal(admitted({ maxConnectionRate: 2 }, network), 20);
  const many = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}`);
  assert.equal(admitted({ maxConnectionRate: 1 }, many), 100);
});
