/**
 * The echo server for browsers: WebSocket, and a page.
 *
 * @module
 */
import { CONTROL_PROTOCOL, isControl } from "../../access/control.ts";
import { hasHost, httpError, type RequestHead, type WebSocketOptions } from "../../framing/websocket/mod.ts";
import type { PageName } from "./page.ts";

/** The settings of WebSocket for a server that has that page, or none. All connections share them. */
export function webSocketOptions(page: PageName | undefined): WebSocketOptions {
  return made[page ?? "none"];
}

const control = { protocol: CONTROL_PROTOCOL, isControl };
const made: Readonly<Record<PageName | "none", WebSocketOptions>> = {
  echo: { control, respond: (request) => respond(request, "echo") },
  chat: { control, respond: (request) => respond(request, "chat") },
  none: { control, respond: (request) => respond(request, undefined) },
};

/** Answers a request that does not ask for WebSocket. */
async function respond(request: RequestHead, page: PageName | undefined): Promise<Uint8Array<ArrayBuffer>> {
  const { method, target, version } = request;
  if (method !== "GET" && method !== "HEAD") return httpError(405, "Method Not Allowed", "Allow: GET, HEAD\r\n");
  if (version !== "1.0" && !hasHost(request)) return httpError(400, "Bad Request");
  if (page === undefined || !/^\/(\?|$)/.test(target)) return httpError(404, "Not Found");
  const { pageOf } = await import("./page.ts"); // only where a browser asks
  const { html, policy } = await pageOf(page);
  const head = new TextEncoder().encode(
    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n" +
      `Content-Length: ${html.length}\r\nContent-Security-Policy: ${policy}\r\n` +
      "Cross-Origin-Opener-Policy: same-origin\r\nReferrer-Policy: no-referrer\r\n" +
      "X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\n",
  );
  if (method === "HEAD") return head;
  const response = new Uint8Array(head.length + html.length);
  response.set(head);
  response.set(html, head.length);
  return response;
}
