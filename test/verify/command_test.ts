/** The command `verify`: statuses, output, files, and the end by a signal. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { authority, server as certificate } from "../support/certificates.ts";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { OnTerminal, skip } from "../support/terminal.ts";
import { startWrong } from "./support/wrong_servers.ts";

/** Runs the command to its end. */
async function verify(...args: string[]): Promise<{ status: number | string; stdout: string; stderr: string }> {
  const running = new Running("verify", args, { stdin: "ignore" });
  const status = await running.ended;
  return { status, stdout: running.stdout.toString(), stderr: running.stderr };
}

const quick = ["reach/echo", "bytes/3", "boundaries/1", "ending/fin-first"];

describe("against our server", () => {
  test("the cases chosen pass; the numbers come last, and nothing on standard error", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, ["--framing", "raw"]);
    const { status, stdout, stderr } = await verify(`127.0.0.1:${server.at}`, ...quick);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /^ {2}ok +bytes\/3 +3 bytes$/m);
    assert.match(stdout, /\n4 cases, 4 passed, 0 skipped, 0 failed\n$/);
    assert.equal(stderr, "");
  });

  for (const framing of ["line", "message"]) {
    test(`--framing ${framing}, over TLS, to a server that tells framings apart`, async () => {
      await using folder = await temporaryFolder();
      for (const [name, text] of Object.entries({ cert: certificate.cert, key: certificate.key, ca: authority })) {
        writeFileSync(folder.file(name), text, { mode: 0o600 });
      }
      const tls = ["--tls-cert", folder.file("cert"), "--tls-key", folder.file("key")];
      await using server = await startServerCommand(folder.path, tls);
      const target = `127.0.0.1:${server.at}`;
      const { status, stdout, stderr } = await verify(
        target,
        "--framing",
        framing,
        "--tls-ca",
        folder.file("ca"),
        ...[
          "reach/echo",
          "bytes/text",
          "bytes/1025",
          "boundaries/1025",
          "ending/half-close",
          "ending/fin-first",
          "peers/10",
        ],
      );
      assert.equal(status, 0, stdout + stderr);
      const plain = await verify(target, "bytes/3");
      assert.equal(plain.status, 3);
      assert.match(plain.stderr, /it speaks TLS; expected --tls\n$/);
    });
  }

  test("--tls to a server of none: status 3", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, ["--framing", "raw"]);
    const { status, stdout, stderr } = await verify(`127.0.0.1:${server.at}`, "--tls", "--timeout", "3");
    assert.equal(status, 3);
    assert.match(stderr, /^verify: Cannot connect to 127\.0\.0\.1:\d+: [^\n]+\n$/);
    assert.equal(stdout, "");
  });
});

describe("reports", () => {
  test("--json is one object, of the fields that are promised", async () => {
    await using server = await startWrong("resets at the end");
    const target = `127.0.0.1:${server.port}`;
    const { status, stdout, stderr } = await verify(target, "--json", "reach/echo", "ending/fin-first");
    assert.equal(status, 1);
    assert.equal(stderr, "");
    const report = JSON.parse(stdout);
    const { version, passed, failed, skipped } = report;
    assert.deepEqual({ version, passed, failed, skipped }, { version: 1, passed: 1, failed: 1, skipped: 0 });
    assert.equal(report.target, target);
    assert.deepEqual(report.cases[1], {
      id: "ending/fin-first",
      section: "ending",
      title: "a half-close before any data",
      requirement: "RFC 9293, 3.6: a side that has closed continues to receive until the other closes, too",
      result: "failed",
      bytes: "ok",
      ending: "failed",
      expected: "the server ends, too (FIN), and sends nothing",
      actual: "nothing came, then a reset",
    });
  });

  test("--strict; --junit and --html; failures are said again at the end", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const files = ["--junit", folder.file("j.xml"), "--html", folder.file("r.html")];
    const args = [`127.0.0.1:${server.at}`, "bytes/first", "bytes/3"];
    const lax = await verify(...args);
    assert.equal(lax.status, 0);
    assert.match(lax.stdout, /^ {2}lax +bytes\/first .*: not echoed as the first byte: 0x00 /m);
    const strict = await verify(...args, "--strict", ...files);
    assert.equal(strict.status, 1);
    const [, again] = strict.stdout.split("\nFailed:\n");
    assert.match(again, /^ {2}FAILED +bytes\/first .*\n +expected .*\n +actual .*\n +by +RFC 862/);
    assert.match(again, /\n\n2 cases, 1 passed, 0 skipped, 1 failed\n$/);
    const junit = readFileSync(folder.file("j.xml"), "utf8");
    assert.match(junit, /<testsuite name="bytes" tests="2" failures="1" errors="0" skipped="0" time="[\d.]+">/);
    assert.match(
      junit,
      /<testcase classname="verify.bytes" name="bytes\/first [^"]+" time="[\d.]+"><failure message="not echoed/,
    );
    const page = readFileSync(folder.file("r.html"), "utf8");
    assert.match(page, /<td>bytes\/first<td class="failed">failed/);
    assert.doesNotMatch(page, /https?:|src=/);
  });

  test("--expected-failures: those may fail; one that passes, or that is no case, is a failure", async () => {
    await using folder = await temporaryFolder();
    await using server = await startWrong("resets at the end");
    const list = folder.file("expected");
    const run = (text: string) => {
      writeFileSync(list, text);
      return verify(`127.0.0.1:${server.port}`, "--expected-failures", list, "bytes/3", "ending/fin-first");
    };
    const good = await run("# known\nending/fin-first # the reset\r\n\nudp/loop\n");
    assert.equal(good.status, 0, good.stdout);
    assert.match(
      good.stdout,
      /\nFailed, as expected:\n {2}ending\/fin-first\n\n2 cases, 1 passed, 0 skipped, 1 failed\n$/,
    );
    const stale = await run("ending/fin-first\nbytes/3\nbytes/none\n");
    assert.equal(stale.status, 1);
    assert.match(stale.stdout, /\nExpected to fail, but passed or not a case:\n {2}bytes\/3\n {2}bytes\/none\n/);
    const missing = await verify("127.0.0.1:1", "--expected-failures", join(folder.path, "none"));
    assert.equal(missing.status, 2);
    assert.match(missing.stderr, /^verify: Cannot use --expected-failures "[^"]+": there is no such file or folder\n$/);
  });

  test("--list needs no server", async () => {
    const all = await verify("--list");
    assert.equal(all.status, 0);
    assert.match(all.stdout, /^bytes\/3 +3 bytes +\(RFC 862/m);
    assert.doesNotMatch(all.stdout, /^udp\//m);
    assert.match((await verify("--list", "--udp")).stdout, /^udp\/loop /m);
    const some = await verify("--list", "--json", "127.0.0.1:1", "bytes/3", "udp/loop");
    assert.deepEqual(JSON.parse(some.stdout).cases.map(({ id }: { id: string }) => id), ["bytes/3", "udp/loop"]);
  });
});

describe("wrong usage", () => {
  const wrong: [string[], RegExp][] = [
    [[], /Missing argument: expected HOST:PORT/],
    [["9090"], /Cannot use "9090": the host is missing; expected HOST:PORT/],
    [["127.0.0.1"], /the port is missing/],
    [
      ["127.0.0.1:1", "bytes/6"],
      /Cannot verify "bytes\/6": there is no such case or section; did you mean bytes\/[^?]+\?/,
    ],
    [["127.0.0.1:1", "bytes/data-kind"], /--framing raw does not have it/],
    [["127.0.0.1:1", "--framing", "auto"], /expected one of raw, line, message/],
    [["127.0.0.1:1", "--seed", "-1"], /expected an integer from 0 to 4294967295/],
  ];
  for (const [args, message] of wrong) {
    test(args.join(" "), async () => {
      const { status, stdout, stderr } = await verify(...args);
      assert.equal(status, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, "");
    });
  }

  test("a report that cannot be written is known before anything is tried: status 1", async () => {
    const { status, stderr } = await verify("127.0.0.1:1", "--junit", "none/such/j.xml");
    assert.equal(status, 1);
    assert.equal(stderr, 'verify: Cannot write the file "none/such/j.xml": there is no such file or folder\n');
  });

  test("nothing listens: status 3", async () => {
    const { status, stderr } = await verify("127.0.0.1:1");
    assert.equal(status, 3);
    assert.equal(stderr, "verify: Cannot connect to 127.0.0.1:1: nothing listens there\n");
  });
});

describe("a signal", () => {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    test(`${signal}: the summary so far, status ${status}`, async () => {
      await using server = await startWrong("right");
      const running = new Running("verify", [`127.0.0.1:${server.port}`], { stdin: "ignore" });
      await running.until(() => running.stdout.includes("bytes/3 "), "case bytes/3");
      assert.equal(await running.stop(signal), status);
      assert.match(
        running.stdout.toString(),
        /\nInterrupted after (\d+) of \d+ cases\n\n\1 cases, \1 passed, 0 skipped, 0 failed\n$/,
      );
    });
  }
});

test("progress on a terminal, and Ctrl-C", { skip }, async () => {
  await using server = await startWrong("is silent");
  const running = new OnTerminal("verify", [`127.0.0.1:${server.port}`, "--timeout", "60", "reach"]);
  await running.sees(/3\/4 reach\/echo/);
  running.types("\x03");
  assert.equal(await running.ended, 130);
  assert.match(running.screen(), /Interrupted after 2 of 4 cases/);
});
