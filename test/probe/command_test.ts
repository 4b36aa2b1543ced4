/** `ping` and `load` as users run them: statuses, streams, JSON, files. */
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import net from "node:net";
import { test } from "node:test";
import { startServer } from "../../src/server/server.ts";
import { authority, server as certificate } from "../support/certificates.ts";
import { Running, temporaryFolder } from "../support/commands.ts";
import { OnTerminal, skip } from "../support/terminal.ts";
import { corrupting, echo, tcpServer, udpServer } from "./support/servers.ts";

interface Ended {
  status: number | string;
  stdout: string;
  stderr: string;
}

async function ran(task: "ping" | "load", args: string, env: Record<string, string> = {}): Promise<Ended> {
  const running = new Running(task, args.split(" ").filter((word) => word !== ""), { env, stdin: "ignore" });
  const status = await running.ended;
  return { status, stdout: running.stdout.toString(), stderr: running.stderr };
}

const times = ["min", "p50", "p90", "p99", "p99_9", "max", "mean", "stdev"];

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("ping: a line each, the summary, status 0", async () => {
  await using server = await tcpServer(echo);
  const { status, stdout, stderr } = await ran("ping", `127.0.0.1:${server.port} -c 3 -i 0.01`);
  const lines = stdout.split("\n");
  assert.equal(lines[0], `PING 127.0.0.1:${server.port} over TCP, message framing: 56 bytes`);
  assert.match(lines[3], new RegExp(`^60 bytes from 127.0.0.1:${server.port}: seq=3 time=\\d+\\.\\d{3} ms$`));
  assert.match(lines[5], /^3 sent, 3 received, 0 lost \(0 %\), 0 mismatched, \d+\.\d{3} s$/);
  assert.match(lines[6], /^rtt min\/p50\/p90\/p99\/p99\.9\/max = [\d.]+(\/[\d.]+){5} ms, mean [\d.]+, stdev [\d.]+$/);
  assert.match(lines[7], /^jitter [\d.]+ ms \(RFC 3550, of round-trip times\)$/);
  assert.deepEqual([status, lines.length, stderr], [0, 9, ""]);
});

test("ping --json: the fields of the contract, and nothing else on standard output", async () => {
  await using server = await tcpServer(echo);
  const { status, stdout } = await ran("ping", `127.0.0.1:${server.port} -c 3 -i 0.01 --json`);
  const { rtt_us, ...rest } = JSON.parse(stdout);
  assert.deepEqual(Object.keys(rest), [
    "version",
    "target",
    "sent",
    "received",
    "lost",
    "duplicated",
    "reordered",
    "mismatched",
    "jitter_us",
  ]);
  assert.deepEqual(Object.keys(rtt_us), times);
  assert.ok(Object.values(rtt_us).every((value) => typeof value === "number"));
  assert.deepEqual([rest.target, rest.sent, rest.received, rest.lost], [`127.0.0.1:${server.port}`, 3, 3, 0]);
  assert.equal(typeof rest.jitter_us, "number");
  assert.equal(status, 0);
});

test("ping: a wrong byte is status 1, and said", async () => {
  await using server = await tcpServer(corrupting(70));
  const { status, stdout, stderr } = await ran("ping", `127.0.0.1:${server.port} -c 3 -i 0.01`);
  assert.match(stdout, /seq=2 time=.* WRONG BYTES\n/);
  assert.deepEqual([status, stderr], [1, "ping: The echo differed: 1 of 3 messages\n"]);
});

test("ping: a server that ends the connection is status 1", async () => {
  await using server = await tcpServer((socket) => socket.end());
  const { status, stderr } = await ran("ping", `127.0.0.1:${server.port} -c 3 -i 0.2`);
  assert.equal(status, 1);
  assert.match(stderr, /^ping: (The server has ended the connection|Cannot .*)\n$/);
});

test("ping --udp: loss alone is no failure; no answer at all is unreachable", async () => {
  await using server = await udpServer((bytes, n) => n === 0 ? [] : [bytes]);
  const lossy = await ran("ping", `127.0.0.1:${server.port} --udp -c 3 -i 0.01 --timeout 0.3 --json`);
  const { sent, received, lost } = JSON.parse(lossy.stdout);
  assert.deepEqual([lossy.status, sent, received, lost], [0, 3, 2, 1]);
  await using silent = await udpServer(() => []);
  const { status, stdout, stderr } = await ran(
    "ping",
    `127.0.0.1:${silent.port} --udp -c 2 -i 0.01 --timeout 0.3 --json`,
  );
  assert.equal(status, 3);
  assert.equal(stderr, `ping: Cannot reach 127.0.0.1:${silent.port}: none of 2 datagrams was answered\n`);
  assert.deepEqual([...new Set(Object.values(JSON.parse(stdout).rtt_us))], [null]);
});

test("ping on a terminal: a sparkline, and Ctrl-C prints the summary so far", { skip }, async () => {
  await using server = await tcpServer(echo);
  const running = new OnTerminal("ping", [`127.0.0.1:${server.port}`, "-i", "0.05"]);
  await running.sees(/seq=4 /);
  running.types("\x03");
  await running.sees(/ping statistics ---/);
  await running.sees(/jitter .*\r?\n[▁▂▃▄▅▆▇█]{4,}\r?\n/);
  assert.equal(await running.ended, 0);
});

test("over TLS, both", async () => {
  await using folder = await temporaryFolder();
  await writeFile(folder.file("ca.pem"), authority);
  await using server = await startServer({ port: 0, tls: certificate });
  const target = `127.0.0.1:${server.address.port} --tls-ca ${folder.file("ca.pem")}`;
  const pinged = await ran("ping", `${target} -c 2 -i 0.01`);
  assert.deepEqual([pinged.status, /over TLS/.test(pinged.stdout)], [0, true], pinged.stderr);
  const loaded = await ran("load", `${target} --duration 0.2 --json`);
  assert.deepEqual([loaded.status, JSON.parse(loaded.stdout).errors], [0, 0], loaded.stderr);
  const plain = await ran("ping", `127.0.0.1:${server.address.port} --tls -c 2`);
  assert.equal(plain.status, 3, "an authority that is not trusted");
});

for (const task of ["ping", "load"] as const) {
  test(`${task}: unreachable is status 3`, async () => {
    const port = await closedPort();
    const { status, stderr } = await ran(task, `127.0.0.1:${port} --json`);
    assert.deepEqual([status, stderr], [3, `${task}: Cannot connect to 127.0.0.1:${port}: nothing listens there\n`]);
  });

  test(`${task}: bad input is status 2, with what was wrong and what is expected`, async () => {
    const usage: [args: string, message: RegExp][] = [
      ["", /^Missing argument: expected HOST:PORT/],
      ["localhost", /^Cannot use "localhost": the port is missing; expected HOST:PORT/],
      ["127.0.0.1:7 --size 0", /^Cannot use --size "0": expected /],
      ["127.0.0.1:7 --interval x", /^Cannot use --interval "x": expected a number of seconds/],
      ["127.0.0.1:7 --udp --tls", /^Cannot use --tls together with --udp: /],
      ["127.0.0.1:7 --udp --size 7", /^Cannot use --size 7 with --udp: expected 8 to 65507 bytes/],
      ["127.0.0.1:7 --framing auto", /^Cannot use --framing "auto": expected one of message, line, raw/],
      ["127.0.0.1:7 --tls-ca none.pem", /^Cannot use --tls-ca "none.pem": /],
      ["127.0.0.1:7 --jsn", /^Cannot use "--jsn": there is no such flag; did you mean --json\?/],
      task === "ping"
        ? ["127.0.0.1:7 -c 0", /^Cannot use --count "0": expected an integer from 1/]
        : ["127.0.0.1:7 --fail-if p99>5", /^Cannot use --fail-if "p99>5": expected a time with its unit/],
    ];
    const all = await Promise.all(usage.map(([args]) => ran(task, args)));
    all.forEach(({ status, stdout, stderr }, i) => {
      assert.deepEqual([status, stdout], [2, ""], usage[i][0]);
      assert.match(stderr, new RegExp(`^${task}: ${usage[i][1].source.slice(1)}.*\n$`), usage[i][0]);
    });
  });
}

test("load --json: the fields of the contract, a line each interval on standard error", async () => {
  await using server = await tcpServer(echo);
  const { status, stdout, stderr } = await ran(
    "load",
    `127.0.0.1:${server.port} --peers 2 --duration 0.5 --interval 0.1 --size 1-100 --json`,
  );
  const { latency_us, connect_us, first_byte_us, ...rest } = JSON.parse(stdout);
  const fields = ["version", "target", "seconds", "messages", "bytes", "rate", "mismatched", "errors"];
  assert.deepEqual(Object.keys(rest), fields);
  for (const summary of [latency_us, connect_us, first_byte_us]) assert.deepEqual(Object.keys(summary), times);
  assert.ok(Math.abs(rest.rate - rest.messages / rest.seconds) < 1 + rest.rate / 100);
  assert.match(stderr, /^ +0\.0-\d\.\d s {2}.*msg\/s {2}.*B\/s {2}p50 .* {2}p99 .* {2}max .*\n/);
  assert.ok(stderr.split("\n").length >= 3);
  assert.equal(status, 0);
});

test("load: the table", async () => {
  await using server = await tcpServer(echo);
  const { stdout } = await ran("load", `127.0.0.1:${server.port} --duration 0.2 --rate 100`);
  assert.match(stdout, /^target +127\.0\.0\.1:\d+, 1 of 1 peers\nmeasured +\d+\.\d{3} s, \d+ messages, \d+ bytes\n/);
  assert.match(
    stdout,
    /\n +min +mean +stdev +p50 +p75 +p90 +p99 +p99\.9 +p99\.99 +max\nlatency .*\nconnect .*\nfirst byte .*\n$/,
  );
});

test("load --fail-if: status 1 where a condition holds, and what was found; else 0", async () => {
  await using server = await tcpServer(echo);
  const at = `127.0.0.1:${server.port} --duration 0.1`;
  const held = await ran("load", `${at} --fail-if p50>0.1us --fail-if p99>1000s --fail-if messages<1`);
  assert.equal(held.status, 1);
  assert.match(held.stderr, /\nload: --fail-if "p50>0\.1us" holds: p50 is [\d.]+ (µs|ms)\n$/);
  const conditions = "p99.9>1000s,connect_max>1000s,first_byte_mean>=1000s,errors>0,mismatched>0,rate<1";
  const not = await ran("load", at, { ECHOPIPE_FAIL_IF: conditions });
  assert.deepEqual([not.status, /holds/.test(not.stderr)], [0, false], not.stderr);
});

test("load: a condition on what was not measured holds", async () => {
  await using server = await tcpServer((socket) => socket.resume());
  const { status, stderr } = await ran(
    "load",
    `127.0.0.1:${server.port} --duration 0.1 --timeout 0.1 --fail-if p99>1s`,
  );
  assert.deepEqual([status, /holds: p99 was not measured\n/.test(stderr)], [1, true]);
});

test("load: a wrong byte is status 1", async () => {
  await using server = await tcpServer(corrupting(70));
  const { status, stderr, stdout } = await ran("load", `127.0.0.1:${server.port} --duration 0.1 --json`);
  assert.deepEqual([status, JSON.parse(stdout).mismatched], [1, 1]);
  assert.match(stderr, /load: The echo differed: 1 messages\n$/);
});

test("load: the files, each whole", async () => {
  await using folder = await temporaryFolder();
  await using server = await tcpServer(echo);
  const files = ["csv", "hgrm", "html"].map((kind) => `--${kind} ${folder.file(`run.${kind}`)}`).join(" ");
  const { status } = await ran("load", `127.0.0.1:${server.port} --duration 0.3 --interval 0.1 ${files} --json`);
  assert.equal(status, 0);
  assert.deepEqual((await readdir(folder.path)).sort(), ["run.csv", "run.hgrm", "run.html"]);
  const [head, ...rows] = (await readFile(folder.file("run.csv"), "utf8")).trimEnd().split("\n");
  assert.equal(head, "from,to,messages,bytes,mismatched,errors,p50_us,p99_us,max_us");
  assert.ok(
    rows.length >= 1 && rows.every((row) => /^[\d.]+,[\d.]+,\d+,\d+,0,0,[\d.]*,[\d.]*,[\d.]*$/.test(row)),
    rows[0],
  );
  assert.match(await readFile(folder.file("run.hgrm"), "utf8"), /^ +Value +Percentile TotalCount/);
  const page = await readFile(folder.file("run.html"), "utf8");
  assert.match(page, /^<!doctype html>/);
  assert.match(page, /prefers-color-scheme: dark/);
  assert.equal(page.match(/<svg /g)!.length, 3);
  assert.doesNotMatch(page, /https?:|<script|<link|NaN|Infinity|undefined/);
});

test("load: a file that cannot be written is said before anything is sent", async () => {
  let connected = false;
  await using server = await tcpServer(() => connected = true);
  const { status, stderr } = await ran("load", `127.0.0.1:${server.port} --html /nowhere/run.html`);
  assert.deepEqual([status, connected], [1, false]);
  assert.match(stderr, /^load: Cannot write the file "\/nowhere\/run\.html": /);
});

test("load: SIGINT prints the table so far, and ends with 130", async () => {
  await using server = await tcpServer(echo);
  const running = new Running("load", [`127.0.0.1:${server.port}`, "--duration", "60", "--interval", "0.1"]);
  await running.until(() => /s {2}.*\n.*s {2}.*\n/.test(running.stderr), "second interval");
  assert.equal(await running.stop("SIGINT"), 130);
  assert.match(running.stdout.toString(), /^target .*\nmeasured /);
});

test("load --one-way and --udp", async () => {
  await using sink = await tcpServer((socket) => socket.resume());
  const one = await ran("load", `127.0.0.1:${sink.port} --one-way --in-flight 4 --size 1000 --duration 0.2 --json`);
  const { messages, errors, first_byte_us } = JSON.parse(one.stdout);
  assert.deepEqual([one.status, messages > 0, errors, first_byte_us.max], [0, true, 0, null]);
  await using server = await udpServer((bytes) => [bytes]);
  const udp = await ran("load", `127.0.0.1:${server.port} --udp --duration 0.2 --json`);
  assert.deepEqual([udp.status, JSON.parse(udp.stdout).connect_us.max], [0, null]);
});
