/** examples/memcached.ts: its protocol cut everywhere, and met by memjs, beside memcached itself. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import net from "node:net";
import { test } from "node:test";
import memjs from "memjs";
import { connect } from "echopipe";
import { everyCut, textOf } from "echopipe/testing";
import { requests, serveCache } from "../../examples/memcached.ts";
import { missing } from "../support/programs.ts";
import { exchange } from "../support/sockets.ts";

/** A request in bytes. */
function bytesOf(opcode: number, key = "", value = "", extras = 0): Buffer {
  const bytes = Buffer.alloc(24 + extras + key.length + value.length);
  bytes[0] = 0x80;
  bytes[1] = opcode;
  bytes.writeUInt16BE(key.length, 2);
  bytes[4] = extras;
  bytes.writeUInt32BE(extras + key.length + value.length, 8);
  bytes.writeUInt32BE(opcode + 1000, 12);
  bytes.write(key + value, 24 + extras, "latin1");
  return bytes;
}

test("requests, cut in every way", async () => {
  const map = ({ opcode, key, value, opaque }: { opcode: number; key: string; value?: Uint8Array; opaque: number }) => [
    opcode,
    key,
    value && textOf(value),
    opaque,
  ];
  const wire = Buffer.concat([bytesOf(1, "a", "one", 8), bytesOf(0, "a"), bytesOf(10)]);
  await everyCut(requests, wire, [[1, "a", "one", 1001], [0, "a", "", 1000], [10, "", "", 1010]], { map });
  await everyCut(requests, Buffer.concat([bytesOf(10), Buffer.of(0x81)]), [[10, "", "", 1010]], {
    map,
    failure: "protocol",
  });
  await everyCut(requests, bytesOf(0, "abc").subarray(0, 26), [], { map, failure: "truncated" });
  await everyCut(requests, bytesOf(0, "x".repeat(251)), [], { map, failure: "too-large" });
  const short = bytesOf(0, "abc");
  short.writeUInt32BE(2, 8); // less than the key
  await everyCut(requests, short, [], { map, failure: "protocol" });
});

test("statuses, room for new values, and what is too long", async () => {
  await using server = await serveCache(0, 1_000_000);
  const values = ["a", "b", "c"].map((key) => bytesOf(1, key, "x".repeat(300_000), 8));
  const wire = Buffer.concat([
    ...values,
    bytesOf(0, "a"), // used now: "b" is the one that makes room
    bytesOf(1, "d", "x".repeat(300_000), 8),
    ...["a", "b", "c", "d"].map((key) => bytesOf(0, key)),
    bytesOf(1, "long", "x".repeat(1_100_000), 8),
    bytesOf(1, "e", "", 4),
    bytesOf(99),
    bytesOf(7),
    bytesOf(0, "a"),
  ]);
  const back = await exchange(server.address.port, wire);
  const statuses: number[] = [];
  for (let at = 0; at < back.length; at += 24 + back.readUInt32BE(at + 8)) statuses.push(back.readUInt16BE(at + 6));
  assert.deepEqual(statuses, [0, 0, 0, 0, 0, 0, 1, 0, 0, 3, 4, 0x81, 0]);
});

/** What memjs is told by a server. */
async function told(port: number): Promise<unknown[]> {
  const client = memjs.Client.create(`127.0.0.1:${port}`, { timeout: 10, retries: 0 });
  try {
    const get = async (key: string) => (await client.get(key)).value?.toString() ?? null;
    const large = "ö".repeat(400_000);
    const answers = [
      await client.set("greeting", "größe\r\n", { expires: 0 }),
      await get("greeting"),
      await get("nothing"),
      await client.add("greeting", "other", {}),
      await client.add("new", "one", { expires: 60 }),
      await client.replace("none", "x", {}),
      await client.replace("new", "two", {}),
      await get("new"),
      await client.delete("new"),
      await client.delete("new"),
      await client.set("past", "gone", { expires: 2_000_000 }), // seconds since 1970, in January of that year
      // Where 30 days are meant, a larger number is a date.
      await client.set("past", "gone", { expires: 3_000_000 }),
      await get("past"),
      await client.set("large", large, {}),
      await get("large") === large,
    ];
    const keys = Array.from({ length: 200 }, (_, i) => `key:${i}`);
    await Promise.all(keys.map((key) => client.set(key, key.toUpperCase(), {})));
    answers.push(await Promise.all(keys.map(get)));
    await client.flush();
    answers.push(await get("greeting"));
    return answers;
  } finally {
    client.close();
  }
}

test("memjs", async () => {
  await using server = await serveCache(0);
  const answers = await told(server.address.port);
  assert.deepEqual(answers.slice(0, 10), [true, "größe\r\n", null, false, true, false, true, "two", true, false]);
  assert.deepEqual(answers.slice(12, 15), [null, true, true]);
  assert.equal((answers[15] as string[])[199], "KEY:199");
  assert.equal(answers[16], null);
});

test("memjs is told the same by memcached", { skip: missing("memcached", "memcached") }, async () => {
  const port = await new Promise<number>((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
  const memcached = spawn("memcached", ["-u", "root", "-l", "127.0.0.1", "-p", String(port), "-U", "0"]);
  const gone = new Promise((resolve) => memcached.once("close", resolve));
  try {
    for (const end = Date.now() + 10_000;;) {
      try {
        await (await connect({ port }))[Symbol.asyncDispose]();
        break;
      } catch (error) {
        if (Date.now() > end) throw error;
        await new Promise((resume) => setTimeout(resume, 20));
      }
    }
    await using server = await serveCache(0);
    assert.deepEqual(await told(server.address.port), await told(port));
  } finally {
    memcached.kill();
    await gone;
  }
});
