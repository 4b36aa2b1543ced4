/** The PROXY protocol: every form of a header, cut everywhere, and what is none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { MAX_V1_BYTES, MAX_V2_BYTES, parseProxyHeader } from "../../src/framing/proxy_protocol.ts";
import { EchopipeError } from "echopipe";
import { bytesOf } from "../support/cuts.ts";
import { holds } from "../support/property.ts";
import { V2_SIGNATURE, v2Header, v2Tcp4 } from "../support/proxy_headers.ts";

const v6 = (...groups: number[]) => Buffer.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
const ports = Buffer.from([18, 103, 35, 130]);
const tcp6 = (client: Uint8Array) =>
  v2Header(0x21, 0x21, Buffer.concat([client, v6(0, 0, 0, 0, 0, 0, 0, 1), ports, Buffer.from([4, 0, 1, 0])]));

const headers: [what: string, header: Uint8Array, client: string | undefined][] = [
  ["version 1, IPv4", bytesOf("PROXY TCP4 192.0.2.7 192.0.2.1 4711 9090\r\n"), "192.0.2.7 4711"],
  ["version 1, the least", bytesOf("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n"), "0.0.0.0 0"],
  [
    "version 1, the most",
    bytesOf("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"),
    "255.255.255.255 65535",
  ],
  ["version 1, IPv6", bytesOf("PROXY TCP6 2001:DB8:0:0::7 ::1 4711 9090\r\n"), "2001:db8::7 4711"],
  ["version 1, IPv4 in IPv6", bytesOf("PROXY TCP6 ::ffff:192.0.2.7 ::1 4711 9090\r\n"), "192.0.2.7 4711"],
  ["version 1, unknown", bytesOf("PROXY UNKNOWN\r\n"), undefined],
  ["version 1, unknown with addresses", bytesOf("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), undefined],
  ["version 1, unknown, as long as may be", bytesOf(`PROXY UNKNOWN ${"x".repeat(MAX_V1_BYTES - 16)}\r\n`), undefined],
  ["version 2, IPv4", v2Tcp4(), "192.0.2.7 4711"],
  ["version 2, IPv4 with TLVs", v2Tcp4(Buffer.from([4, 0, 3, 0, 0, 0])), "192.0.2.7 4711"],
  ["version 2, as long as may be", v2Tcp4(Buffer.alloc(MAX_V2_BYTES - 28)), "192.0.2.7 4711"],
  ["version 2, IPv6", tcp6(v6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7)), "2001:db8::7 4711"],
  ["version 2, IPv4 in IPv6", tcp6(v6(0, 0, 0, 0, 0, 0xffff, 0xc000, 0x207)), "192.0.2.7 4711"],
  ["version 2, local", v2Header(0x20, 0x00, Buffer.alloc(0)), undefined],
  ["version 2, local with an address", v2Header(0x20, 0x11, Buffer.alloc(12)), undefined],
  ["version 2, unspecified", v2Header(0x21, 0x00, Buffer.alloc(7)), undefined],
  ["version 2, datagrams", v2Header(0x21, 0x12, Buffer.alloc(12)), undefined],
  ["version 2, a Unix socket", v2Header(0x21, 0x31, Buffer.alloc(216)), undefined],
];

describe("a header of the PROXY protocol", () => {
  for (const [what, header, client] of headers) {
    test(`${what}: read once it is whole, wherever it is cut`, () => {
      for (let end = 0; end < header.length; end++) {
        assert.equal(parseProxyHeader(header.subarray(0, end)), undefined, `after ${end} bytes`);
      }
      for (const rest of ["", "\r\n", "PROXY TCP4 ", "\r\n\r\n\0"]) {
        const found = parseProxyHeader(Buffer.concat([header, bytesOf(rest)]))!;
        assert.equal(found.length, header.length);
        assert.equal(found.client && `${found.client.address} ${found.client.port}`, client);
      }
    });
  }

  const line = (text: string) => bytesOf(`PROXY ${text}\r\n`);
  const none: [what: string, bytes: Uint8Array, code: string, position?: number][] = [
    ["HTTP", bytesOf("GET / HTTP/1.1\r\n"), "protocol", 0],
    ["TLS", Uint8Array.of(0x16, 0x03, 0x01), "protocol", 0],
    ["a POST", bytesOf("PO"), "protocol", 1],
    ["lower case", bytesOf("proxy TCP4"), "protocol", 0],
    ["a line that ends without CR", bytesOf("PROXY UNKNOWN\n"), "protocol"],
    ["CR inside", line("UNKNOWN a\rb"), "protocol"],
    ["no addresses", line("TCP4"), "protocol"],
    ["two spaces", line("TCP4  192.0.2.7 192.0.2.1 1 2"), "protocol"],
    ["a space at the end", line("TCP4 192.0.2.7 192.0.2.1 1 2 "), "protocol"],
    ["UNKNOWNX", line("UNKNOWNX"), "protocol"],
    ["UDP4", line("UDP4 192.0.2.7 192.0.2.1 1 2"), "protocol"],
    ["IPv6 as TCP4", line("TCP4 ::1 ::1 1 2"), "protocol"],
    ["IPv4 as TCP6", line("TCP6 192.0.2.7 192.0.2.1 1 2"), "protocol"],
    ["an octet above 255", line("TCP4 192.0.2.256 192.0.2.1 1 2"), "protocol"],
    ["a zero in front of an octet", line("TCP4 192.0.2.07 192.0.2.1 1 2"), "protocol"],
    ["a wrong server", line("TCP4 192.0.2.7 x 1 2"), "protocol"],
    ["a zone", line("TCP6 fe80::1%eth0 ::1 1 2"), "protocol"],
    ["brackets", line("TCP6 [::1] ::1 1 2"), "protocol"],
    ["a zero in front of a port", line("TCP4 192.0.2.7 192.0.2.1 01 2"), "protocol"],
    ["a port above 65535", line("TCP4 192.0.2.7 192.0.2.1 1 65536"), "protocol"],
    ["a negative port", line("TCP4 192.0.2.7 192.0.2.1 -1 2"), "protocol"],
    ["a line of 108 bytes", bytesOf(`PROXY UNKNOWN ${"x".repeat(MAX_V1_BYTES - 15)}\r\n`), "too-large"],
    ["a line without end", bytesOf(`PROXY UNKNOWN ${"x".repeat(MAX_V1_BYTES)}`), "too-large"],
    ["a broken signature", bytesOf("\r\n\r\n\0\r\nQUIX"), "protocol", 10],
    ["version 1 in binary", Buffer.concat([V2_SIGNATURE, Uint8Array.of(0x11)]), "protocol", 12],
    ["version 3", Buffer.concat([V2_SIGNATURE, Uint8Array.of(0x31)]), "protocol", 12],
    ["command 2", Buffer.concat([V2_SIGNATURE, Uint8Array.of(0x22)]), "protocol", 12],
    ["family 4", Buffer.concat([V2_SIGNATURE, Uint8Array.of(0x21, 0x41)]), "protocol", 13],
    ["protocol 3", Buffer.concat([V2_SIGNATURE, Uint8Array.of(0x21, 0x13)]), "protocol", 13],
    ["too few bytes for addresses", v2Header(0x21, 0x11, Buffer.alloc(11)).subarray(0, 16), "protocol", 14],
    ["too few bytes for IPv6", v2Header(0x21, 0x21, Buffer.alloc(35)).subarray(0, 16), "protocol", 14],
    ["4097 bytes", v2Tcp4(Buffer.alloc(MAX_V2_BYTES - 27)).subarray(0, 16), "too-large"],
  ];
  for (const [what, bytes, code, position] of none) {
    test(`${what} is none: ${code}, with its last byte`, () => {
      assert.throws(() => parseProxyHeader(bytes), (error: EchopipeError) => {
        assert.equal(error.code, code);
        if (position !== undefined) assert.equal(error.position, position);
        return true;
      });
    });
  }

  test("any bytes are a header, the start of one, or an error of this library; more bytes change no verdict", async () => {
    const start = fc.constantFrom(...headers.map(([, header]) => header), bytesOf(""), bytesOf("PROXY "), V2_SIGNATURE);
    const verdict = (bytes: Uint8Array) => {
      try {
        return parseProxyHeader(bytes);
      } catch (error) {
        assert.ok(error instanceof EchopipeError);
        return error.code;
      }
    };
    await holds(
      2000,
      fc.property(start, fc.nat(40), fc.uint8Array({ maxLength: 300 }), (header, keep, garbage) => {
        const bytes = Buffer.concat([header.subarray(0, keep), garbage]);
        let first: ReturnType<typeof verdict>;
        for (let end = 0; end <= bytes.length; end++) {
          const found = verdict(bytes.subarray(0, end));
          if (first !== undefined) assert.deepEqual(found, first);
          first ??= found;
        }
        if (bytes.length > MAX_V2_BYTES) assert.notEqual(first, undefined);
      }),
    );
  });
});
