/**
 * Metrics and health over HTTP.
 *
 * @module
 */
import http from "node:http";
import type { AddressInfo } from "node:net";
import { type Address, formatAddress } from "../runtime/socket.ts";
import { systemError } from "../runtime/system_error.ts";

/** Time for a request, and between two of one connection, in milliseconds. */
const REQUEST_MS = 5000;
/** Limit of connections at a time: scrapers are few. */
const MAX_CONNECTIONS = 64;
/** Limit of the headers of a request, in bytes. */
const MAX_HEADER_BYTES = 8192;

/** The pages that are served. */
export interface MetricsPages {
  readonly contentType: string;
  /** The figures in the text format of Prometheus. */
  text(): Promise<string>;
  /** False while the server starts or drains. */
  isHealthy(): boolean;
}

/** A listener for scrapers. */
export interface MetricsListener {
  readonly address: Address;
  /** Stops at once. */
  close(): Promise<void>;
}

/**
 * Serves `/metrics` and `/healthz` (200, or 503 while the server starts or drains) to GET and HEAD.
 *
 * @throws {EchopipeError} `address-in-use`, `address-not-available`, `host-not-found`, `permission` or `io`
 */
export function serveMetrics(
  { host, port }: { readonly host: string; readonly port: number },
  pages: MetricsPages,
): Promise<MetricsListener> {
  const server = http.createServer({
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: REQUEST_MS / 5,
    keepAliveTimeout: REQUEST_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  }, (request, response) => {
    void answer(request, pages).then(({ status, type = "text/plain; charset=utf-8", body }) => {
      response.writeHead(status, {
        "content-type": type,
        "content-length": Buffer.byteLength(body),
        "cache-control": "no-store",
        ...(status === 405 && { allow: "GET, HEAD", connection: "close" }),
      });
      response.end(request.method === "HEAD" ? undefined : body);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(2 * REQUEST_MS); // a scraper that does not read
  return new Promise((resolve, reject) => {
    const attempt = `Cannot serve metrics on ${formatAddress({ address: host, port })}`;
    server.once("error", (error) => reject(systemError(attempt, error)));
    server.listen({ host, port }, () => {
      const { address, port } = server.address() as AddressInfo;
      resolve({
        address: { address, port },
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/** An answer to a request. */
interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

async function answer({ method, url = "/" }: http.IncomingMessage, pages: MetricsPages): Promise<Answer> {
  if (method !== "GET" && method !== "HEAD") return { status: 405, body: "only GET and HEAD\n" };
  switch (url.split("?")[0]) {
    case "/healthz":
      return pages.isHealthy() ? { status: 200, body: "ok\n" } : { status: 503, body: "starting or draining\n" };
    case "/metrics":
      try {
        return { status: 200, type: pages.contentType, body: await pages.text() };
      } catch {
        return { status: 500, body: "the figures cannot be collected\n" };
      }
    default:
      return { status: 404, body: "only /metrics and /healthz\n" };
  }
}
