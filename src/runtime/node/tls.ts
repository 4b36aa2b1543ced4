/**
 * TLS over a connected socket of Node.
 *
 * @module
 */
import type net from "node:net";
import { X509Certificate } from "node:crypto";
import tls from "node:tls";
import { isIP } from "node:net";
import { EchopipeError } from "../../errors.ts";
import type { StartTlsOptions, TlsServerOptions, TlsState } from "../socket.ts";

/** Timeout of the handshake at the end that serves, in milliseconds. */
export const HANDSHAKE_MS = 30_000;

/** The options of a `TLSSocket` at the end that serves. */
export function serverOptions({ cert, key, alpn, clientCa }: TlsServerOptions): tls.TLSSocketOptions {
  return {
    isServer: true,
    secureContext: tls.createSecureContext({ cert, key, ca: clientCa }),
    requestCert: clientCa !== undefined,
    rejectUnauthorized: clientCa !== undefined,
    ALPNProtocols: alpn === undefined ? undefined : [...alpn],
    ...{ allowHalfOpen: true }, // its types lack it
  };
}

/** Starts TLS over a socket; the handshake is still to come. */
function start(socket: net.Socket, options: StartTlsOptions, host: string): tls.TLSSocket {
  if (options.isServer) return new tls.TLSSocket(socket, serverOptions(options));
  const { ca, cert, key, alpn, servername = host } = options;
  return tls.connect({
    socket,
    ca,
    cert,
    key,
    ALPNProtocols: alpn === undefined ? undefined : [...alpn],
    servername: isIP(servername) ? undefined : servername,
    // The certificate is checked against an address, too, which is never sent as a name.
    checkServerIdentity: (_name, certificate) => tls.checkServerIdentity(servername, certificate),
    ...{ allowHalfOpen: true },
  });
}

/** Performs the TLS handshake at either end; destroys the socket if it fails. */
export function secure(socket: net.Socket, options: StartTlsOptions, host: string): Promise<tls.TLSSocket> {
  const { signal, isServer } = options;
  return new Promise((resolve, reject) => {
    const secured = start(socket, options, host);
    const fail = (error: unknown) => {
      settle();
      secured.on("error", () => {}); // only the first failure is reported
      socket.on("error", () => {});
      secured.destroy();
      socket.destroy();
      reject(error);
    };
    const end = () => fail({ code: "ENOTCONN" });
    const abort = () => fail(signal?.reason);
    const timer = setTimeout(() => fail({ code: "ERR_TLS_HANDSHAKE_TIMEOUT" }), HANDSHAKE_MS);
    if (!isServer) clearTimeout(timer); // a client has a signal for it
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      secured.off("error", fail).off("end", end).off("close", end);
    };
    secured.once("error", fail).once("end", end).once("close", end);
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    secured.once(isServer ? "secure" : "secureConnect", () => {
      settle();
      const refused = isServer && options.clientCa !== undefined ? clientFault(secured) : undefined;
      if (refused === undefined) resolve(secured);
      else {
        settle();
        resetTls(secured, socket);
        reject(refused);
      }
    });
    secured.resume(); // without it the end of the stream is not noticed
  });
}

/** The fault of a client's certificate, which `TLSSocket` leaves to its user (`tls.Server` looks at it the same way). */
export function clientFault(secured: tls.TLSSocket): Error | undefined {
  const handle = (secured as unknown as { _handle?: { verifyError?(): Error | null } })._handle;
  if (handle?.verifyError !== undefined) {
    const fault = handle.verifyError();
    if (!fault) return undefined;
    const error = new Error(`the client's certificate is not accepted: ${fault.message}`, { cause: fault });
    return Object.assign(error, { code: "ERR_SSL_CLIENT_CERTIFICATE" });
  }
  return new EchopipeError("tls", "Cannot check the client's certificate: this Node does not tell the result");
}

/**
 * Resets the TCP connection below TLS. Later: inside an event of TLS it would free memory that OpenSSL is using, and end
 * the process.
 */
export function resetTls(secured: net.Socket, tcp: net.Socket): void {
  secured.on("error", () => {});
  tcp.on("error", () => {});
  setImmediate(() => {
    tcp.resetAndDestroy();
    secured.destroy();
  });
}

/** The facts of a TLS connection; undefined for a plain socket. */
export function stateOf(socket: net.Socket): TlsState | undefined {
  if (!(socket instanceof tls.TLSSocket)) return undefined;
  const raw = (socket.getPeerCertificate() as tls.PeerCertificate | undefined)?.raw;
  return {
    alpn: typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : undefined,
    peerCertificate: raw === undefined ? undefined : new X509Certificate(raw).toString(),
  };
}
