/**
 * Refuses HTTP requests, which web pages can send through a browser.
 *
 * @module
 */
import { httpFound, RequestLine } from "../framing/http_request.ts";
import { type Output, Stage } from "../stage/stage.ts";

/** The answer to an HTTP request. */
export const HTTP_REFUSAL: Uint8Array = new TextEncoder().encode(
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 32\r\nConnection: close\r\n\r\n" +
    "HTTP is not spoken on this port\n",
);

/** Passes bytes on, but fails if the stream begins with an HTTP request. */
export class RefuseHttp extends Stage<Uint8Array, Uint8Array> {
  /** True once an HTTP request was found. */
  found = false;
  #line: RequestLine | undefined = new RequestLine();

  /** Checks bytes and passes them on. Throws `protocol` once they complete a request line. */
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
    throw httpFound();
  }
}

/**
 * A stage in front of a line decoder that fails with `protocol` if the stream begins with an HTTP request. Any web page
 * can make a browser send one to any port of its own machine, followed by lines of the page's choice, which must not be
 * executed as commands.
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
