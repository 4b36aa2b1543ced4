/** The server's flags for proxies and metrics, as users give them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { exchange } from "../support/sockets.ts";
import { proxyFlags } from "../../cli/proxy_flags.ts";

const parse = proxyFlags.find(({ flags }) => flags.startsWith("--metrics"))!.parse!;

describe("--metrics and --proxy-protocol", () => {
  const addresses: [text: string, host: string, port: number][] = [
    ["127.0.0.1:9100", "127.0.0.1", 9100],
    ["localhost:0", "localhost", 0],
    ["[::1]:9100", "::1", 9100],
    [":9100", "127.0.0.1", 9100],
    ["9100", "127.0.0.1", 9100],
  ];
  for (const [text, host, port] of addresses) {
    test(`${text} is ${host} and ${port}`, () => assert.deepEqual(parse(text), { host, port }));
  }
  for (const text of ["", "localhost", "localhost:", "::1:9100", "[::1]9100", "a:b:1", ":65536", ":-1", "http://a:1"]) {
    test(`"${text}" is no address`, () => assert.throws(() => parse(text), /expected an address and a port/));
  }

  test("from the environment; a port of metrics that is in use is status 7; stop is not taken", async () => {
    await using folder = await temporaryFolder();
    const env = { ECHOPIPE_PROXY_PROTOCOL: "1", ECHOPIPE_METRICS: "127.0.0.1:0", ECHOPIPE_LOG_TO: "console" };
    await using server = await startServerCommand(folder.path, [], { env });
    const header = "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n";
    assert.match(String(await exchange(server.at, `${header}stop\n`)), /^stop refused: /);
    assert.equal(String(await exchange(server.at, "stop\n").catch(() => "")), "");
    const [, metrics] = await server.until(
      () => /Metrics are at http:\/\/(127\.0\.0\.1:\d+)\/metrics/.exec(server.stderr),
      "the address of the metrics",
    );
    const page = await fetch(`http://${metrics}/metrics`).then((response) => response.text());
    assert.match(page, /^echopipe_refused_total\{reason="accept-protocol"\} 1$/m);
    const second = new Running("server", ["--yes", "--port", "0", "--log-to", "none", "--metrics", metrics]);
    assert.equal(await second.ended, 7);
    assert.match(second.stderr, /^server: Cannot serve metrics on 127\.0\.0\.1:\d+: another socket listens there/);
    assert.equal(second.stdout.length, 0);
  });
});
