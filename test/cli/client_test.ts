import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync, openSync, readFileSync } from "node:fs";
import { open as openFile, readdir, readFile, writeFile } from "node:fs/promises";
import net from "node:net";
import { describe, test } from "node:test";
import { Running, startServerCommand, temporaryFolder } from "../support/commands.ts";

const quietly = ["--log-to", "none"];

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

/** A server of the test's own, closed with the scope. */
async function peer(serve: (socket: net.Socket) => void): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resume) => server.once("listening", resume));
  return {
    port: (server.address() as net.AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resume) => server.close(resume));
    },
  };
}

describe("bulk echo", () => {
  test("256 MiB of random bytes come back identical, in bounded memory on both sides", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const path = folder.file("in");
    const file = await openFile(path, "w");
    for (let i = 0; i < 16; i++) await file.write(randomBytes(16 * 1024 * 1024));
    await file.close();
    const client = new Running("client", ["--port", String(server.at), ...quietly], {
      stdin: openSync(path, "r"),
      stdout: openSync(folder.file("out"), "w"),
    });
    let peak = 0;
    const watch = setInterval(() => {
      try {
        peak = Math.max(peak, client.peakMiB());
      } catch {
        // it has ended
      }
    }, 50);
    assert.equal(await client.ended, 0, client.stderr);
    clearInterval(watch);
    assert.match(
      client.stderr,
      /^268435456 bytes sent, 268435456 bytes received, xxh128 [0-9a-f]{32} matched, [\d.]+ s, [\d.]+ MB\/s\n$/,
    );
    assert.equal(await digestOf(folder.file("out")), await digestOf(path));
    assert.ok(peak < 250, `client: ${peak} MiB`);
    assert.ok(server.peakMiB() < 250, `server: ${server.peakMiB()} MiB`);
  });

  test("a file of nothing but exit lines is only data, piped or named, to a file or standard output", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const bytes = Buffer.from("exit\nstop\n".repeat(20_000));
    await writeFile(folder.file("in"), bytes);
    const piped = new Running("client", ["--port", String(server.at), ...quietly]);
    piped.child.stdin!.end(bytes);
    assert.equal(await piped.ended, 0, piped.stderr);
    assert.deepEqual(piped.stdout, bytes);
    const named = new Running("client", [
      folder.file("in"),
      "--output",
      folder.file("out"),
      "--port",
      String(server.at),
      ...quietly,
    ]);
    assert.equal(await named.ended, 0, named.stderr);
    assert.deepEqual(await readFile(folder.file("out")), bytes);
    assert.equal(named.stdout.length, 0);
  });

  test("nothing at all comes back as nothing", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const client = new Running("client", ["--port", String(server.at), ...quietly], { stdin: "ignore" });
    assert.equal(await client.ended, 0, client.stderr);
    assert.equal(client.stdout.length, 0);
  });

  test("line and raw framing carry any bytes too", async () => {
    await using folder = await temporaryFolder();
    const bytes = randomBytes(2_000_000);
    for (const framing of ["line", "raw"]) {
      await using server = await startServerCommand(folder.path, ["--framing", framing]);
      const client = new Running("client", ["--framing", framing, "--port", String(server.at), ...quietly]);
      client.child.stdin!.end(bytes);
      assert.equal(await client.ended, 0, client.stderr);
      assert.deepEqual(client.stdout, bytes);
    }
  });

  test("a server that is not there: status 3", async () => {
    const client = new Running("client", ["--port", "1", ...quietly], { stdin: "ignore" });
    assert.equal(await client.ended, 3);
    assert.match(client.stderr, /^client: Cannot connect to 127\.0\.0\.1:1: nothing listens there\n$/);
  });

  test("a server that says nothing: status 4 after --timeout", async () => {
    await using silent = await peer(() => {});
    const client = new Running("client", ["--port", String(silent.port), "--timeout", "0.5", ...quietly]);
    client.child.stdin!.end("hello");
    assert.equal(await client.ended, 4, client.stderr);
    assert.match(client.stderr, /(nothing has moved|has not answered the hello) for 0\.5 s/);
  });

  test("a server that echoes all and never ends: status 4 after --timeout", async () => {
    await using endless = await peer((socket) => void socket.on("data", (bytes) => socket.write(bytes)));
    const args = ["--port", String(endless.port), "--framing", "raw", "--timeout", "0.5", ...quietly];
    const client = new Running("client", args);
    client.child.stdin!.end("hello");
    assert.equal(await client.ended, 4, client.stderr);
    assert.equal(client.stdout.toString(), "hello");
  });

  test("a server that dies half-way: status 6, and no file under the final name", async () => {
    await using folder = await temporaryFolder();
    for (const how of ["reset", "end"]) {
      await using mortal = await peer((socket) => {
        let seen = 0;
        socket.on("data", (bytes) => {
          seen += bytes.length;
          if (seen < 500_000) socket.write(bytes);
          else if (how === "reset") socket.resetAndDestroy();
          else socket.end();
        });
      });
      const client = new Running("client", ["--port", String(mortal.port), "--output", folder.file("out"), ...quietly]);
      client.child.stdin!.end(randomBytes(3_000_000));
      assert.equal(await client.ended, 6, `${how}: ${client.stderr}`);
      assert.match(client.stderr, /cut short/);
      assert.doesNotMatch(client.stderr, /\n\s+at /);
      assert.deepEqual(await readdir(folder.path), []);
    }
  });

  test("a server that ends the connection before any word: status 5 where it was to answer the hello, else 6", async () => {
    for (let round = 0; round < 4; round++) {
      await using busy = await peer((socket) => round % 2 ? socket.end() : socket.destroy());
      for (const [framing, status, said] of [["message", 5, /without a word/], ["raw", 6, /cut short/]] as const) {
        const client = new Running("client", ["--port", String(busy.port), "--framing", framing, ...quietly]);
        client.child.stdin!.end("hello");
        assert.equal(await client.ended, status, client.stderr);
        assert.match(client.stderr, said);
      }
    }
  });

  test("a server that changes one bit: status 6", async () => {
    await using liar = await peer((socket) => {
      let total = 0;
      socket.on("data", (bytes) => {
        total += bytes.length;
        if (total > 200_000) bytes[bytes.length - 1] ^= 1;
        socket.write(bytes);
      });
      socket.on("end", () => socket.end());
    });
    const client = new Running("client", ["--framing", "raw", "--port", String(liar.port), ...quietly]);
    client.child.stdin!.end(randomBytes(400_000));
    assert.equal(await client.ended, 6, client.stderr);
    assert.match(client.stderr, /not matched/);
    assert.match(client.stderr, /differed/);
  });

  test("a closed standard output ends it quietly", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const client = new Running("client", ["--port", String(server.at), ...quietly]);
    client.child.stdin!.end(randomBytes(20_000_000));
    await client.until(() => client.stdout.length > 0, "output");
    client.child.stdout!.destroy();
    assert.equal(await client.ended, 0);
    assert.equal(client.stderr, "");
  });

  test("a reader that does not read stops the sender, and memory stays flat", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    const client = new Running("client", ["--port", String(server.at), ...quietly]);
    client.child.stdout!.pause();
    let sent = 0;
    const block = randomBytes(1 << 20);
    const feed = (async () => {
      while (sent < 200 * block.length && !client.child.stdin!.destroyed) {
        if (!client.child.stdin!.write(block)) {
          const drained = await Promise.race([
            new Promise((resume) => client.child.stdin!.once("drain", () => resume(true))),
            new Promise((resume) => setTimeout(() => resume(false), 1500)),
          ]);
          if (!drained) return "blocked";
        }
        sent += block.length;
      }
      return "all sent";
    })();
    assert.equal(await feed, "blocked");
    assert.ok(client.peakMiB() < 250 && server.peakMiB() < 250);
    await client.stop("SIGKILL");
  });

  test("SIGTERM and SIGINT cut the work short: 143 and 130, nothing half-written, the log complete", async () => {
    await using folder = await temporaryFolder();
    await using server = await startServerCommand(folder.path);
    for (const [signal, status] of [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129]] as const) {
      const log = folder.file(`${signal}.log`);
      const client = new Running("client", [
        "--port",
        String(server.at),
        "--output",
        folder.file("out"),
        "--log-file",
        log,
      ]);
      client.child.stdin!.write(randomBytes(100_000));
      await client.until(() => existsSync(log) && readFileSync(log, "utf8").includes("data.sent"), "record");
      assert.equal(await client.stop(signal), status);
      assert.deepEqual((await readdir(folder.path)).filter((name) => name.startsWith("out")), []);
      assert.match(await readFile(log, "utf8"), /INFO connected[^]* in \d+ chunks? to [^]*INFO disconnected/);
    }
  });

  const wrong: [string[], number, RegExp][] = [
    [["--port", "abc"], 2, /--port "abc"/],
    [["--port", "0"], 2, /--port "0"/],
    [["--framing", "auto"], 2, /--framing "auto"/],
    [["--timeout", "soon"], 2, /--timeout "soon"/],
    [["one", "two"], 2, /Too many arguments: "two"/],
    [["-4", "-6"], 2, /-4 together with -6/],
    [["-6", "--host", "127.0.0.1"], 2, /it is an IPv4 address/],
    [["--log-level", "debug"], 2, /expected one of info, warn, error/],
    [["/no/such/file"], 1, /\/no\/such\/file/],
    [["/"], 1, /"\/".*folder/],
    [["--output", "/no/such/folder/out"], 1, /\/no\/such\/folder\/out/],
    [["--log-to", "file", "--log-file", "/proc/no/client.log"], 1, /\/proc\/no\/client\.log/],
    [["--host", "no.such.host.invalid"], 3, /no\.such\.host\.invalid/],
  ];
  for (const [args, status, said] of wrong) {
    test(`refuses ${args.join(" ")} with status ${status}`, async () => {
      const client = new Running("client", ["--port", "1", ...quietly, ...args], { stdin: "ignore" });
      assert.equal(await client.ended, status, client.stderr);
      assert.match(client.stderr, said);
      assert.doesNotMatch(client.stderr, /\n\s+at /, "a stack trace");
    });
  }
});
