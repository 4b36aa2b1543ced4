/**
 * An HTTP/1.1 server in one file, for `curl` and browsers: `GET /` and `HEAD /`, `POST /echo` with a body of any length,
 * announced or chunked, in flat memory; keep-alive, pipelining, 100-continue.
 *
 * ```sh
 * deno run --allow-net examples/http.ts 8080
 * node examples/http.ts 8080
 * ```
 *
 * https://www.rfc-editor.org/rfc/rfc9112
 *
 * @module
 */
import process from "node:process";
import { decoder, encoder, type Output, type Reader, type Reading, serve, stage } from "echopipe";

// #region protocol
/** Fields by name, in lower case. */
type Headers = ReadonlyMap<string, string>;
/** A request is a head, the pieces of its body, and the end; or it is refused with a status. No `length`: the body is chunked. */
type Part =
  | { type: "head"; method: string; target: string; http: string; headers: Headers; length: number | undefined }
  | { type: "body"; bytes: Uint8Array }
  | { type: "end" }
  | { type: "refused"; status: string };

const MAX_LINE = { limit: 8 * 1024 };
const MAX_HEADERS = 100;
const BAD = "400 Bad Request";

/** Requests, of which nothing is gathered but lines. */
export const requests = () =>
  decoder<Part>(function* (read) {
    const line = yield* read.line(MAX_LINE);
    if (line === "") return; // RFC 9112, 2.2: tolerated before a request
    const [, method, target, http] = /^([!#$%&'*+.^_`|~\w-]+) (\S+) (HTTP\/1\.[01])$/.exec(line) ?? [];
    const headers = method === undefined ? BAD : yield* fields(read);
    const length = typeof headers === "string" ? headers : bodyLength(headers, http);
    if (typeof headers === "string" || typeof length === "string") return { type: "refused", status: length as string };
    yield { type: "head", method, target, http, headers, length };
    for (let left = length ?? (yield* chunkSize(read)); left > 0;) {
      const bytes = yield* read.some(left);
      yield { type: "body", bytes };
      left -= bytes.length;
      if (left > 0 || length !== undefined) continue;
      yield* read.literal("\r\n");
      left = yield* chunkSize(read);
    }
    if (length === undefined) yield* fields(read); // trailers
    return { type: "end" };
  });

/** Header fields up to an empty line, names in lower case; a status where they are refused. */
function* fields(read: Reader): Reading<Headers | string> {
  const headers = new Map<string, string>();
  for (let count = 0; count <= MAX_HEADERS; count++) {
    const line = yield* read.line(MAX_LINE);
    if (line === "") return headers;
    const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) return BAD;
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return "431 Request Header Fields Too Large";
}

/** RFC 9112, 6.3. Two lengths that differ, or both kinds, are refused: another server may have read them differently. */
function bodyLength(headers: Headers, http: string): number | undefined | string {
  const [coding, length] = [headers.get("transfer-encoding"), headers.get("content-length")];
  if (coding !== undefined && length !== undefined || http === "HTTP/1.1" && !headers.has("host")) return BAD;
  if (coding !== undefined) return coding.toLowerCase() === "chunked" ? undefined : "501 Not Implemented";
  return /^\d{1,15}$/.test(length ?? "0") ? Number(length ?? 0) : BAD;
}

function* chunkSize(read: Reader): Reading<number> {
  const line = yield* read.line(MAX_LINE);
  const [, digits] = /^([\da-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
  if (digits === undefined) throw read.fault(`the chunk size ${JSON.stringify(line)}`, "hexadecimal digits");
  return parseInt(digits, 16);
}
// #endregion protocol

/** Answers the requests of one connection. */
function answers() {
  let finish = ""; // what ends the answer
  let echoes: "chunks" | "bytes" | undefined;
  let last = false;
  function head(out: Output<string>, status: string, fields: string, body = "", ends = false): void {
    last ||= ends;
    out.push(`HTTP/1.1 ${status}\r\n${fields}${last ? "Connection: close\r\n" : ""}\r\n${body}`);
  }
  function whole(out: Output<string>, status: string, body: string, method = "", fields = ""): void {
    const length = `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n`;
    head(out, status, fields + length, method === "HEAD" ? "" : body);
  }
  return stage<Part, string | Uint8Array>((part, out) => {
    if (part.type === "refused") {
      last = true;
      whole(out, part.status, `${part.status}\n`);
      return out.end();
    }
    if (part.type === "head") {
      const { method, target, http, headers, length } = part;
      last = http === "HTTP/1.0" || /\bclose\b/i.test(headers.get("connection") ?? "");
      finish = "";
      echoes = undefined;
      if (target === "/echo" && method === "POST") {
        if (headers.get("expect")?.toLowerCase() === "100-continue") out.push("HTTP/1.1 100 Continue\r\n\r\n");
        echoes = length === undefined && http === "HTTP/1.1" ? "chunks" : "bytes";
        if (echoes === "chunks") finish = "0\r\n\r\n";
        const framing = length === undefined ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
        return head(out, "200 OK", http === "HTTP/1.0" && length === undefined ? "" : `${framing}\r\n`);
      }
      if (target !== "/") return whole(out, "404 Not Found", "Nothing is here\n", method);
      if (method !== "GET" && method !== "HEAD") {
        return whole(out, "405 Method Not Allowed", "GET or HEAD\n", method, "Allow: GET, HEAD\r\n");
      }
      return whole(out, "200 OK", "Hello from echopipe\n", method);
    }
    if (part.type === "body" && echoes === "bytes") out.push(part.bytes);
    if (part.type === "body" && echoes === "chunks") {
      out.push(`${part.bytes.length.toString(16)}\r\n`);
      out.push(part.bytes);
      out.push("\r\n");
    }
    if (part.type !== "end") return;
    if (finish !== "") out.push(finish);
    if (last) out.end();
  });
}

/** Serves on a port; 0: any free one. */
export function serveHttp(port: number) {
  return serve({ port }, (peer) => {
    const bytes = encoder<string | Uint8Array>((part, write) =>
      typeof part === "string" ? write.text(part) : write.bytes(part)
    );
    return peer.readable.pipeThrough(requests()).pipeThrough(answers()).pipeThrough(bytes).pipeTo(peer.writable);
  });
}

if (import.meta.main) {
  const server = await serveHttp(Number(process.argv[2] ?? 8080));
  console.log(`listening on ${server.address.address}:${server.address.port}`);
}
