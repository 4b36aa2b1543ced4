/** examples/http.ts: its grammar cut everywhere, and met by curl. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pipeline, stage } from "echopipe";
import { bytesOf, everyCut, textOf } from "echopipe/testing";
import { requests, serveHttp } from "../../examples/http.ts";
import { missing, run } from "../support/programs.ts";
import { exchange } from "../support/sockets.ts";

/** Requests with the pieces of each body joined: `POST /echo [abc]`. */
function joined() {
  let text = "";
  type Made = ReturnType<typeof requests> extends { readable: ReadableStream<infer P> } ? P : never;
  return pipeline(
    requests(),
    stage<Made, string>((part, out) => {
      if (part.type === "head") text = `${part.method} ${part.target} [`;
      else if (part.type === "body") text += textOf(part.bytes);
      else out.push(part.type === "end" ? `${text}]` : part.status);
    }),
  );
}

const host = "Host: localhost\r\n";

test("requests without a body, announced and chunked, pipelined, cut in every way", async () => {
  const wire = `GET / HTTP/1.1\r\n${host}\r\n` +
    `POST /echo HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello` +
    `\r\nPOST /echo HTTP/1.1\nhost:x\nTransfer-Encoding: Chunked\n\n3;ext=1\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX: y\r\n\r\n` +
    "GET /last HTTP/1.0\r\n\r\n";
  await everyCut(joined, bytesOf(wire), [
    "GET / []",
    "POST /echo [hello]",
    "POST /echo [abc0123456789]",
    "GET /last []",
  ]);
  await everyCut(joined, bytesOf(`POST / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhel`), [], {
    failure: "truncated",
  });
});

test("refused: what another server may read differently, or is no HTTP", async () => {
  for (
    const [wrong, status] of [
      [`POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`, "400 Bad Request"],
      [`POST / HTTP/1.1\r\n${host}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`, "400 Bad Request"],
      [`POST / HTTP/1.1\r\n${host}Content-Length: -5\r\n\r\n`, "400 Bad Request"],
      [`POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n`, "501 Not Implemented"],
      [`GET / HTTP/1.1\r\nHost : x\r\n\r\n`, "400 Bad Request"],
      [`GET / HTTP/1.1\r\n folded\r\n\r\n`, "400 Bad Request"],
      [`GET / HTTP/1.1\r\n\r\n`, "400 Bad Request"],
      [`GET / HTTP/1.1\r\n${"x: y\r\n".repeat(101)}\r\n`, "431 Request Header Fields Too Large"],
      ["hello\r\n", "400 Bad Request"],
    ]
  ) await everyCut(joined, bytesOf(wrong), [status]);
  const chunk = `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`;
  await everyCut(joined, bytesOf(chunk + "x\r\n"), [], { failure: "protocol" });
  await everyCut(joined, bytesOf(chunk + "1\r\nab\r\n"), [], { failure: "protocol" });
  await everyCut(joined, bytesOf(`GET /${"x".repeat(9000)} HTTP/1.1\r\n`), [], { failure: "too-large" });
});

test("pipelined requests are answered in order; a refused one ends the connection", async () => {
  await using server = await serveHttp(0);
  const get = `GET / HTTP/1.1\r\n${host}\r\n`;
  const back = (await exchange(server.address.port, bytesOf(get + get + "hello\r\n" + get))).toString();
  assert.deepEqual(back.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 400"]);
  assert.match(back, /Connection: close\r\n\r\n400 Bad Request\n$/);
});

test("curl", { skip: missing("curl", "curl") }, async () => {
  await using server = await serveHttp(0);
  const folder = await mkdtemp(join(tmpdir(), "echopipe-http-"));
  try {
    const url = `http://127.0.0.1:${server.address.port}`;
    const curl = (...words: string[]) => run("curl", ["-sS", "--max-time", "20", ...words]);
    assert.equal(await curl(`${url}/`), "Hello from echopipe\n");
    assert.match(await curl("-I", `${url}/`), /^HTTP\/1\.1 200 OK\r\n[^]*Content-Length: 20\r\n\r\n$/);
    assert.match(await curl("-i", `${url}/none`), /^HTTP\/1\.1 404 /);
    assert.match(await curl("-i", "-X", "DELETE", `${url}/`), /^HTTP\/1\.1 405 [^]*Allow: GET, HEAD\r\n/);
    assert.equal(await curl("-d", "some text", `${url}/echo`), "some text");
    // Two requests on one connection.
    const twice = await curl("-v", `${url}/`, `${url}/`);
    assert.match(twice, /Re-using existing connection/);

    const [input, output] = [join(folder, "in"), join(folder, "out")];
    const bytes = randomBytes(3_000_000);
    await writeFile(input, bytes);
    for (
      const [words, expected] of [
        [[], /< HTTP\/1\.1 100 Continue/], // curl asks for it by itself beyond 1 MiB
        [["-H", "Expect:"], /< HTTP\/1\.1 200 OK/],
        [["-H", "Transfer-Encoding: chunked"], /< Transfer-Encoding: chunked/],
        [["-0"], /< Connection: close/],
      ] as const
    ) {
      const told = await curl("-v", "-o", output, "-X", "POST", "--data-binary", `@${input}`, ...words, `${url}/echo`);
      assert.match(told, expected);
      assert.ok(bytes.equals(await readFile(output)), `other bytes came back: ${words}`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
