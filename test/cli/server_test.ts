import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { describe, test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";
import { exchange, messageBytes, open, received } from "../support/sockets.ts";

/** The records of a log in JSON. */
async function records(path: string): Promise<Record<string, unknown>[]> {
  return (await readFile(path, "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line));
}

describe("the server command", () => {
  test("serves people with nc and plain length-prefixed clients on one port", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    assert.equal(await exchange(server.at, "hello\r\nunfinished").then(String), "hello\r\nunfinished");
    const messages = Buffer.concat([messageBytes("hello"), messageBytes(""), messageBytes(randomBytes(5000))]);
    assert.deepEqual(await exchange(server.at, messages), messages);
    assert.match(server.stdout.toString(), /^listening on 127\.0\.0\.1:\d+\n$/);
  });

  test("exit ends the connection in both framings, what came before it is echoed", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    assert.equal(await exchange(server.at, "one\nexit\ntwo\n").then(String), "one\n");
    const one = messageBytes("one");
    assert.deepEqual(await exchange(server.at, Buffer.concat([one, messageBytes("exit"), one])), one);
    // Not a command: part of a longer line, data, and a line that does not end.
    assert.equal(await exchange(server.at, "exit now\nan exit\nexit").then(String), "exit now\nan exit\nexit");
    const data = Buffer.concat([one, messageBytes("exit", "data")]);
    assert.deepEqual(await exchange(server.at, data), data);
  });

  test("exit is a command however it is cut, and the server ends the connection by itself", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const socket = await open(server.at);
    socket.setNoDelay(true);
    const back = received(socket);
    for (const letter of "hi\nexit\r\n") {
      socket.write(letter);
      await new Promise((resume) => setTimeout(resume, 5));
    }
    assert.equal((await back).toString(), "hi\n");
    socket.destroy();
  });

  test("raw is byte-exact and knows no commands", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, ["--framing", "raw"]);
    const bytes = Buffer.concat([Buffer.from("exit\nstop\n"), randomBytes(300_000)]);
    assert.deepEqual(await exchange(server.at, bytes), bytes);
  });

  test("200 clients that send 1 MB and half-close lose nothing", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, ["--framing", "raw"]);
    const bytes = randomBytes(1_000_000);
    let lost = 0;
    for (let round = 0; round < 10; round++) {
      const all = await Promise.all(Array.from({ length: 20 }, () => exchange(server.at, bytes)));
      for (const back of all) lost += back.equals(bytes) ? 0 : 1;
    }
    assert.equal(lost, 0);
  });

  test("a client that resets the connection harms nobody", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const steady = await open(server.at);
    const back = received(steady);
    for (let i = 0; i < 20; i++) {
      const socket = await open(server.at);
      socket.on("error", () => {});
      socket.write(Buffer.alloc(100_000, "x"));
      socket.resetAndDestroy();
    }
    steady.end("still here\n");
    assert.equal((await back).toString(), "still here\n");
    steady.destroy();
    assert.equal(await exchange(server.at, "and new ones\n").then(String), "and new ones\n");
  });

  test("garbage on a message connection is refused, or taken for a length, and never a crash", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, ["--framing", "message"]);
    for (
      const garbage of [
        "GET / HTTP/1.1\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01",
        randomBytes(64),
        Buffer.from([0xff, 0, 0, 0]),
      ]
    ) {
      await exchange(server.at, garbage).catch(() => {});
    }
    assert.deepEqual(await exchange(server.at, messageBytes("fine")), messageBytes("fine"));
    await server.stop();
    assert.match(await readFile(folder.file("server.log"), "utf8"), /WARN protocol\.error .*at byte \d+/);
  });

  test("standard input that has no lines for long costs the server nothing; a stop after it is heard", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const before = server.peakMiB();
    const much = Buffer.alloc(1 << 20, "stop");
    for (let i = 0; i < 160; i++) server.child.stdin!.write(much);
    await new Promise((taken) => server.child.stdin!.write("\nnonstop\n", taken));
    assert.ok(server.peakMiB() - before < 100, `${server.peakMiB()} MiB after ${before}`);
    assert.equal(String(await exchange(server.at, "hello\n")), "hello\n");
    server.child.stdin!.write("  stop\r\n");
    assert.equal(await server.ended, 0);
  });

  test("stop from a client, typed at standard input, or by signal: drains and exits 0", async () => {
    await using folder = await temporaryFolder();
    for (const how of ["line", "message", "typed", "SIGTERM", "SIGINT"] as const) {
      await using server = await startServerCommand(folder.path);
      const socket = await open(server.at);
      const back = received(socket);
      socket.write("received before the stop\n");
      await new Promise((resume) => socket.once("data", resume));
      if (how === "line") await exchange(server.at, "stop\n");
      else if (how === "message") await exchange(server.at, messageBytes("stop"));
      else if (how === "typed") server.child.stdin!.write("stop\n");
      else server.kill(how);
      assert.equal((await back).toString(), "received before the stop\n", how);
      socket.destroy();
      assert.equal(await server.ended, 0, how);
    }
  });

  test("other signals that end a process drain it too, with every record in the log", async () => {
    await using folder = await temporaryFolder();
    for (const signal of ["SIGQUIT", "SIGUSR2", "SIGALRM"] as const) {
      await using server = await startServerCommand(folder.path);
      const socket = await open(server.at);
      const back = received(socket);
      socket.write("received before the signal\n");
      await new Promise((resume) => socket.once("data", resume));
      server.kill(signal);
      assert.equal((await back).toString(), "received before the signal\n", signal);
      socket.destroy();
      assert.equal(await server.ended, 0, signal);
      assert.match(await readFile(folder.file("server.log"), "utf8"), new RegExp(`server\\.stopped .*${signal}`));
    }
  });

  test("a start that fails is in the log", async () => {
    await using folder = await temporaryFolder();
    const server = new Running("server", ["--yes", "--host", "192.0.2.1", "--log-file", folder.file("s.log")]);
    assert.equal(await server.ended, 1);
    assert.match(await readFile(folder.file("s.log"), "utf8"), /ERROR server\.failed Cannot listen on 192\.0\.2\.1:/);
  });

  test("an IPv6 address in brackets, as the listening line has it, is that address", async () => {
    await using folder = await temporaryFolder();
    const server = new Running("server", [
      "--yes",
      "--host",
      "[::1]",
      "--port",
      "0",
      "--log-file",
      folder.file("s.log"),
    ]);
    const port = await server.port();
    assert.match(server.stdout.toString(), /^listening on \[::1\]:/);
    const client = new Running("client", [
      "--host",
      "[::1]",
      "--port",
      String(port),
      "--log-to",
      "none",
      "--no-session",
    ]);
    client.child.stdin!.end("hello");
    assert.equal(await client.ended, 0, client.stderr);
    assert.equal(await server.stop(), 0);
  });

  test("the same signal twice within a moment is one", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    server.kill("SIGINT");
    server.kill("SIGINT");
    assert.equal(await server.ended, 0);
  });

  test("a second signal ends a drain at once", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const socket = await open(server.at); // never closes by itself: the drain has to wait for it
    socket.on("error", () => {});
    socket.write("x\n");
    await new Promise((resume) => socket.once("data", resume));
    server.kill("SIGTERM");
    await new Promise((resume) => setTimeout(resume, 50));
    server.kill("SIGINT");
    assert.equal(await server.ended, 130);
    socket.destroy();
    assert.match(await readFile(folder.file("server.log"), "utf8"), /client\.connected/);
  });

  test("a port in use is replaced by the next free one, or an error with --strict-port", async () => {
    await using folder = await temporaryFolder();
    const taken = net.createServer().listen(0, "127.0.0.1");
    await new Promise((resume) => taken.once("listening", resume));
    const { port } = taken.address() as net.AddressInfo;
    await using moved = await startServerCommand(folder.path, ["--port", String(port)]);
    assert.ok(moved.at > port && moved.at <= port + 100);
    const strict = new Running("server", ["--yes", "--port", String(port), "--strict-port", "--log-to", "none"]);
    assert.equal(await strict.ended, 7);
    assert.match(strict.stderr, /another socket listens there/);
    taken.close();
  });

  test("the log has every event, with the fields the sums need, and no record is lost", async () => {
    await using folder = await temporaryFolder();
    const server = await startServerCommand(folder.path, ["--log-format", "json"]);
    await exchange(server.at, Buffer.alloc(5000, "x"));
    await server.stop();
    const log = await records(folder.file("server.log"));
    const events = log.map(({ event }) => event);
    assert.deepEqual(events.slice(0, 3), ["server.started", "server.listening", "client.connected"]);
    assert.deepEqual(events.slice(-2), ["client.disconnected", "server.stopped"]);
    const sum = (event: string, field: string) =>
      log.filter((record) => record.event === event).reduce((total, record) => total + Number(record[field]), 0);
    assert.equal(sum("data.received", "bytes"), 5000);
    assert.equal(sum("data.sent", "bytes"), 5000);
    assert.ok(sum("data.received", "chunks") >= 5);
    const gone = log.find(({ event }) => event === "client.disconnected")!;
    assert.equal(gone.connection, 1);
    assert.match(String(gone.peer), /^127\.0\.0\.1:\d+$/);
    assert.equal(gone.received_bytes, 5000);
    assert.equal(gone.sent_bytes, 5000);
    assert.equal(typeof gone.duration_ms, "number");
    assert.equal(typeof gone.reason, "string");
    for (const { time, level, message } of log) {
      assert.equal(new Date(String(time)).toISOString(), time);
      assert.equal(level, "INFO");
      assert.equal(typeof message, "string");
    }
  });

  test("the text log is a line a record", async () => {
    await using folder = await temporaryFolder();
    const server = await startServerCommand(folder.path);
    await exchange(server.at, "hello\n");
    await server.stop();
    const lines = (await readFile(folder.file("server.log"), "utf8")).trimEnd().split("\n");
    for (const line of lines) {
      assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (INFO|WARN|ERROR) [a-z._]+ \S/);
    }
    assert.ok(lines.some((line) => /client\.connected Client 127\.0\.0\.1:\d+ connected \(connection 1\)$/.test(line)));
  });

  test("--max-connections closes who is too many, --idle-timeout who is silent", async () => {
    await using folder = await temporaryFolder();
    const server = await startServerCommand(folder.path, ["--max-connections", "1", "--idle-timeout", "1"]);
    const first = await open(server.at);
    first.write("x\n");
    await new Promise((resume) => first.once("data", resume));
    const second = await open(server.at);
    assert.equal((await received(second).catch(() => Buffer.alloc(0))).length, 0);
    second.destroy();
    await received(first); // ended by the server
    first.destroy();
    await server.stop();
    const log = await readFile(folder.file("server.log"), "utf8");
    assert.match(log, /WARN client\.refused/);
    assert.match(log, /silent for 1 s/);
  });

  test("listens on IPv6, and prints it in brackets", async (t) => {
    await using folder = await temporaryFolder();
    const probe = net.createServer();
    const available = await new Promise((resolve) => {
      probe.once("error", () => resolve(false));
      probe.listen(0, "::1", () => probe.close(() => resolve(true)));
    });
    if (!available) return t.skip("no IPv6 here");
    await using server = await startServerCommand(folder.path, ["--host", "::1"]);
    assert.match(server.stdout.toString(), /^listening on \[::1\]:\d+\n$/);
    assert.equal(await exchange(server.at, "six\n", "::1").then(String), "six\n");
  });
});

describe("the server command refuses", () => {
  const wrong: [string[], number, RegExp][] = [
    [["--port", "abc"], 2, /--port "abc".*0 to 65535/],
    [["--port", "70000"], 2, /--port "70000"/],
    [["--port", "-1"], 2, /--port "-1"/],
    [["--framing", "lines"], 2, /--framing "lines".*auto, message, line, raw/],
    [["--access", "all"], 2, /--access "all"/],
    [["--chunk-size", "0"], 2, /--chunk-size "0"/],
    [["--max-connections", "none"], 2, /--max-connections "none"/],
    [["--idle-timeout", "-5"], 2, /--idle-timeout "-5"/],
    [["--log-to", "printer"], 2, /--log-to "printer"/],
    [["--no-such-flag"], 2, /--no-such-flag/],
    [["operand"], 2, /operand/],
    [["--host", "192.0.2.1"], 1, /192\.0\.2\.1.*127\.0\.0\.1/],
    [["--host", "no.such.host.invalid"], 1, /no\.such\.host\.invalid/],
    [["--log-file", "/proc/no/such/server.log"], 1, /\/proc\/no\/such\/server\.log/],
  ];
  for (const [args, status, said] of wrong) {
    test(`${args.join(" ")} with status ${status}`, async () => {
      await using folder = await temporaryFolder();
      const server = new Running("server", ["--yes", "--port", "0", "--log-file", folder.file("s.log"), ...args]);
      assert.equal(await server.ended, status, server.stderr);
      assert.match(server.stderr, said);
      assert.doesNotMatch(server.stderr, /\n\s+at /, "a stack trace");
      assert.equal(server.stdout.length, 0);
    });
  }

  test("a wrong value in the environment, named by its variable; a flag wins over it", async () => {
    const wrong = new Running("server", ["--yes"], { env: { ECHOPIPE_PORT: "many" } });
    assert.equal(await wrong.ended, 2);
    assert.match(wrong.stderr, /ECHOPIPE_PORT "many"/);
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path, ["--framing", "raw"], {
      env: { ECHOPIPE_FRAMING: "message", ECHOPIPE_CHUNK: "7" },
    });
    assert.equal(await exchange(server.at, "exit\n").then(String), "exit\n");
  });
});
