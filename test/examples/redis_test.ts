/** examples/redis.ts: its protocol cut everywhere, and met by Redis's own programs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "echopipe";
import { bytesOf, everyCut, textOf } from "echopipe/testing";
import { requests, serveRedis } from "../../examples/redis.ts";
import { missing, run } from "../support/programs.ts";

const map = ({ name, words }: { name: string; words: Uint8Array[] }) => [name, ...words.map(textOf)];

test("requests, as arrays and as lines, cut in every way", async () => {
  const wire = "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$5\r\nb\r\n\0c\r\nget a\r\n\r\n*0\r\n*1\r\n$4\r\nPING\r\n";
  await everyCut(requests, bytesOf(wire), [["SET", "a", "b\r\n\0c"], ["GET", "a"], ["PING"]], { map });
  await everyCut(requests, bytesOf("PING\r\n*2\r\n$3\r\nGET"), [["PING"]], { map, failure: "truncated" });
  for (
    const [wrong, failure] of [["*x\r\n", "protocol"], ["*1\r\n:1\r\n", "protocol"], ["*1\r\n$-1\r\n", "protocol"]]
  ) {
    await everyCut(requests, bytesOf("PING\r\n" + wrong), [["PING"]], { map, failure });
  }
  await everyCut(requests, bytesOf("*2\r\n$3\r\nGET\r\n$1048577\r\n"), [], { map, failure: "too-large" });
  await everyCut(requests, bytesOf("*1000000000\r\n"), [], { map, failure: "protocol" });
  const long = "$600000\r\n" + "x".repeat(600_000) + "\r\n";
  await everyCut(requests, bytesOf("*4\r\n$3\r\nDEL\r\n" + long + long), [], { map, failure: "protocol", rounds: 2 });
});

test("many requests at once, and QUIT", async () => {
  await using server = await serveRedis(0);
  await using connection = await connect({ port: server.address.port });
  await connection.write(bytesOf("SET a 1\r\nINCR a\r\nGET a\r\nGET b\r\nECHO\r\nnone\r\nQUIT\r\nPING\r\n"));
  const replies = await new Response(connection.readable as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  assert.equal(
    replies,
    "+OK\r\n:2\r\n$1\r\n2\r\n$-1\r\n-ERR wrong number of arguments for 'ECHO' command\r\n" +
      "-ERR unknown command 'NONE'\r\n+OK\r\n",
  );
});

test("redis-cli", { skip: missing("redis-tools", "redis-cli") }, async () => {
  await using server = await serveRedis(0);
  const cli = async (...words: string[]) => (await run("redis-cli", ["-p", server.address.port, ...words])).trimEnd();
  assert.equal(await cli("PING"), "PONG");
  assert.equal(await cli("SET", "greeting", "größe\r\n!"), "OK");
  assert.equal(await cli("GET", "greeting"), "größe\r\n!");
  assert.equal(await cli("GET", "nothing"), "");
  assert.equal(await cli("INCR", "count"), "1");
  assert.equal(await cli("INCR", "count"), "2");
  assert.match(await cli("INCR", "greeting"), /ERR value is not an integer/);
  assert.equal(await cli("DEL", "count", "greeting", "nothing"), "2");
  assert.match(await cli("FLY"), /ERR unknown command 'FLY'/);
  const pipe = Array.from({ length: 1000 }, (_, i) => `SET key:${i} value:${i}\r\n`).join("");
  const port = server.address.port;
  assert.match(await run("redis-cli", ["-p", port, "--pipe"], pipe), /errors: 0, replies: 1000/);
  assert.equal(await cli("DBSIZE"), "1000");
  assert.equal(await cli("GET", "key:999"), "value:999");
});

test(
  "redis-benchmark, one request at a time and sixteen",
  { skip: missing("redis-tools", "redis-benchmark") },
  async () => {
    await using server = await serveRedis(0);
    for (const pipelined of [1, 16]) {
      const words = ["-p", server.address.port, "-q", "-t", "ping,set,get,incr", "-n", 2000, "-c", 20, "-P", pipelined];
      const report = await run("redis-benchmark", words);
      assert.equal(report.match(/requests per second/g)?.length, 5, report);
      assert.doesNotMatch(report, /ERR/);
      const counted = await run("redis-cli", ["-p", server.address.port, "GET", "counter:__rand_int__"]);
      assert.equal(Number(counted), pipelined === 1 ? 2000 : 4000); // no request was lost
    }
  },
);
