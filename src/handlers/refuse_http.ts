/**
 * A guard against web pages.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { RequestLine } from "../framing/http_request.ts";
import { type Output, Stage } from "../stage/stage.ts";

/** The answer to an HTTP request, for whoever sent it. */
export const HTTP_REFUSAL: Uint8Array = new TextEncoder().encode(
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 32\r\nConnection: close\r\n\r\n" +
    "HTTP is not spoken on this port\n",
);

/** Passes bytes on, but fails where they begin with an HTTP request. */
export class RefuseHttp extends Stage<Uint8Array, Uint8Array> {
  /** Whether there was one. */
  found = false;
  #line: RequestLine | undefined = new RequestLine();

  /** The next bytes. Throws `protocol` where they make the first line one of HTTP. */
  push(bytes: Uint8Array, out: Output<Uint8Array>): void {
    if (this.#line !== undefined) this.#check(this.#line, bytes);
    out.push(bytes);
  }

  #check(line: RequestLine, bytes: Uint8Array): void {
    const verdict = line.take(bytes);
    if (verdict === undefined) return;
    this.#line = undefined;
    if (!verdict) return;
    this.found = true;
    throw new EchopipeError("protocol", "Cannot read lines: the first is an HTTP request", {
      position: 0,
      received: "HTTP",
      expected: "text",
    });
  }
}

/**
 * A stage in front of a decoder of lines, which fails with `protocol` where the stream begins with an HTTP request. Any web
 * page can have a browser send one to any port of its own machine, with lines of the page's choice behind it: none of
 * these must be taken for a command.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { refuseHttp } from "echopipe";
 *
 * const request = new TextEncoder().encode("POST / HTTP/1.1\r\nHost: 127.0.0.1:9090\r\n\r\nstop\n");
 * await assert.rejects(Array.fromAsync(refuseHttp().over([request])), { code: "protocol" });
 * ```
 */
export function refuseHttp(): RefuseHttp {
  return new RefuseHttp();
}
