/** HOST:PORT, right and wrong. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseTarget } from "../../cli/target.ts";

describe("HOST:PORT", () => {
  const right: [string, string, number][] = [
    ["127.0.0.1:7", "127.0.0.1", 7],
    ["localhost:9090", "localhost", 9090],
    ["a-b.example.org.:65535", "a-b.example.org.", 65535],
    ["[::1]:1", "::1", 1],
    ["[fe80::1%eth0]:1", "fe80::1%eth0", 1],
    ["bücher.example:80", "bücher.example", 80],
  ];
  for (const [text, address, port] of right) {
    test(text, () => assert.deepEqual(parseTarget(text), { address, port }));
  }

  const wrong: [string | undefined, RegExp][] = [
    [undefined, /^Missing argument: expected HOST:PORT, as 192\.0\.2\.1:7, \[2001:db8::1\]:7 or example\.org:7$/],
    ["", /^Missing argument/],
    ["9090", /^Cannot use "9090": the host is missing; expected HOST:PORT/],
    [":9090", /the host is missing/],
    ["[]:9090", /the host is missing/],
    ["localhost", /the port is missing/],
    ["localhost:", /the port is missing/],
    ["[::1]", /the port is missing/],
    ["::1", /an IPv6 address without brackets, and no port/],
    ["2001:db8::1:7", /an IPv6 address without brackets, and no port/],
    ["localhost:0", /"0" is not an integer from 1 to 65535/],
    ["localhost:65536", /"65536" is not an integer/],
    ["localhost:http", /"http" is not an integer/],
    ["localhost:1:2", /no host and port/],
    ["[127.0.0.1]:7", /"127\.0\.0\.1" is neither a name nor an address/],
    ["256.0.0.1:7", /"256\.0\.0\.1" is neither/],
    ["http://localhost:7", /no host and port/],
    ["a b:7", /"a b" is neither/],
    ["-x:7", /"-x" is neither/],
  ];
  for (const [text, message] of wrong) {
    test(`wrong: ${text}`, () => assert.throws(() => parseTarget(text), { status: 2, message }));
  }
});
