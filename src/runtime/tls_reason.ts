/**
 * Failures of TLS in words that are the same on every runtime.
 *
 * @module
 */
import { messageOf } from "../errors.ts";

/** Codes and messages of Node (OpenSSL) and Deno (rustls), with their meaning. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /UNABLE_TO_(VERIFY|GET)|SELF_SIGNED|UnknownIssuer/,
    "nobody that is trusted has signed its certificate; expected the certificate of its authority (--tls-ca)",
  ],
  [
    /CaUsedAsEndEntity/,
    "its certificate is the one of an authority (CA:TRUE), which is for signing others; expected one with CA:FALSE",
  ],
  [/CERT_HAS_EXPIRED|certificate expired/, "its certificate has expired"],
  [/CERT_NOT_YET_VALID|certificate not valid yet/, "its certificate is not valid yet"],
  [/ERR_TLS_CERT_ALTNAME_INVALID|not valid for name/, "its certificate is for another name"],
  [/UnknownCA|UNKNOWN_CA|TLSV1_ALERT_UNKNOWN_CA/, "it does not trust the authority of our certificate"],
  [/alert: \w*(Certificate)|ALERT_\w*CERTIFICATE/, "it does not accept our certificate"],
  [
    /InvalidContentType|unexpected handshake message|WRONG_VERSION_NUMBER|wrong version number|http request|ERR_SSL_UNEXPECTED_MESSAGE|ERR_SSL_HTTP_REQUEST|PACKET_LENGTH/,
    "it does not speak TLS",
  ],
  [/ERR_TLS_HANDSHAKE_TIMEOUT/, "it did not complete the handshake in time"],
  [/^ERR_SSL_|:SSL routines:|^EPROTO|invalid peer certificate|received (corrupt|fatal|unexpected)/, "TLS failed"],
];

/** The reason of a TLS failure; undefined for any other error. */
export function tlsReason(error: unknown): string | undefined {
  const { code = "" } = error as { code?: string };
  const text = messageOf(error);
  const found = reasons.find(([pattern]) => pattern.test(code) || pattern.test(text));
  if (found === undefined) return undefined;
  const [, reason] = found;
  // Any other failure keeps the runtime's own message, on one line.
  return reason === "TLS failed" ? `${reason}: ${text.trim().replace(/\s+/g, " ")}` : reason;
}
