import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopback, networkOf, plainAddress } from "../src/addresses.ts";

test("addresses have one spelling", () => {
  assert.equal(plainAddress("::FFFF:192.0.2.1"), "192.0.2.1");
  assert.equal(plainAddress("FE80::1%eth0"), "fe80::1");
});

test("an IPv6 address counts with its /64, an IPv4 address alone", () => {
  assert.equal(networkOf("2001:db8::1"), "2001:db8:0:0::/64");
  assert.equal(networkOf("2001:db8:0:0:ffff:1:2:3"), "2001:db8:0:0::/64");
  assert.equal(networkOf("2001:0DB8::"), "2001:db8:0:0::/64");
  assert.equal(networkOf("::1"), "0:0:0:0::/64");
  assert.equal(networkOf("fe80::1%eth0"), "fe80:0:0:0::/64");
  assert.equal(networkOf("192.0.2.1"), "192.0.2.1");
  assert.equal(networkOf("::ffff:192.0.2.1"), "192.0.2.1");
});

test("loopback is known in all of its spellings", () => {
  for (const address of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::FFFF:127.0.0.1"]) {
    assert.ok(isLoopback(address), address);
  }
  for (const address of ["128.0.0.1", "1.127.0.0", "::2", "::ffff:10.0.0.1"]) assert.ok(!isLoopback(address), address);
});
