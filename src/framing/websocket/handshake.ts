/**
 * The server's part of the handshake of WebSocket (RFC 6455, 4.2).
 *
 * @module
 */
import { hasWord, listOf, type RequestHead } from "./request_head.ts";

/** The constant of RFC 6455, 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The options of a handshake. */
export interface HandshakeOptions {
  /**
   * Origins whose pages may connect, such as `https://example.org`, beside those of the host that the request names. A
   * request without `Origin` comes from no page, and is accepted.
   */
  readonly origins?: readonly string[];
  /** Subprotocols that are understood. The first of them that the client offers is chosen. */
  readonly protocols?: readonly string[];
}

/** The result of a handshake. */
export interface Handshake {
  /** True: frames follow. */
  readonly accepted: boolean;
  /** The response. */
  readonly response: Uint8Array<ArrayBuffer>;
  /** The chosen subprotocol. */
  readonly protocol?: string;
}

/** True for a request that asks for WebSocket. */
export function isUpgrade(head: RequestHead): boolean {
  return hasWord(head, "upgrade", "websocket");
}

/** Answers a request that asks for WebSocket: by 101, or by an error of HTTP. */
export async function shakeHands(head: RequestHead, options: HandshakeOptions = {}): Promise<Handshake> {
  const { fields } = head;
  const key = fields.get("sec-websocket-key") ?? "";
  if (head.method !== "GET") return refused(405, "Method Not Allowed", "Allow: GET\r\n");
  if (head.version !== "1.1" || !hasHost(head) || !hasWord(head, "connection", "upgrade") || !isKey(key)) {
    return refused(400, "Bad Request");
  }
  if (fields.get("sec-websocket-version") !== "13") {
    return refused(426, "Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  }
  if (!isKnownOrigin(head, options)) return refused(403, "Forbidden");
  const offered = listOf(head, "sec-websocket-protocol");
  const protocol = options.protocols?.find((known) => offered.includes(known));
  const response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${await acceptOf(key)}\r\n` +
    (protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`) + "\r\n";
  return { accepted: true, response: new TextEncoder().encode(response), ...(protocol !== undefined && { protocol }) };
}

/** An error of HTTP, after which the connection ends. `fields`: further ones, a line each. */
export function httpError(status: number, reason: string, fields = ""): Uint8Array<ArrayBuffer> {
  const body = `${status} ${reason}\n`;
  return new TextEncoder().encode(
    `HTTP/1.1 ${status} ${reason}\r\n${fields}Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

function refused(status: number, reason: string, fields?: string): Handshake {
  return { accepted: false, response: httpError(status, reason, fields) };
}

/** True for a request that names its host, once (RFC 9112, 3.2). */
export function hasHost({ fields }: RequestHead): boolean {
  return !fields.get("host")?.includes(",") && fields.has("host");
}

/** True for 16 bytes in base64. */
function isKey(key: string): boolean {
  return /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key);
}

/** True for a page of the same host, or of a listed origin: others must not use the person's place on the network (10.2). */
function isKnownOrigin({ fields }: RequestHead, { origins = [] }: HandshakeOptions): boolean {
  const origin = fields.get("origin");
  if (origin === undefined || origins.includes(origin)) return true;
  return URL.canParse(origin) && new URL(origin).host === fields.get("host")?.toLowerCase();
}

/** The proof that the request was understood (4.2.2). */
async function acceptOf(key: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + GUID));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
