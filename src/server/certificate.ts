/**
 * Certificates, looked at before a server uses them.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { EchopipeError, messageOf } from "../errors.ts";

/** A certificate chain and its private key, both PEM. */
export interface Certificate {
  /** The certificate, then those that lead to its root. */
  readonly cert: string;
  /** The private key of the first. */
  readonly key: string;
}

/**
 * Checks that a certificate can be served; returns it.
 *
 * @throws {EchopipeError} `invalid-argument` if one of the two is not PEM, they do not belong together, or the certificate
 * is not valid now
 */
export function checkCertificate(certificate: Certificate, now: Date = new Date()): Certificate {
  const fault = (what: string, cause?: unknown) =>
    new EchopipeError("invalid-argument", `Cannot serve TLS: ${what}`, { cause });
  let x509: X509Certificate;
  let key: KeyObject;
  try {
    x509 = new X509Certificate(certificate.cert);
  } catch (cause) {
    throw fault("the certificate file has no certificate; expected a chain in PEM", cause);
  }
  try {
    key = createPrivateKey(certificate.key);
  } catch (cause) {
    const encrypted = /ENCRYPTED/.test(certificate.key) || /passphrase/i.test(messageOf(cause));
    throw fault(`the key file has no private key${encrypted ? " that is not encrypted" : ""}; expected one in PEM`);
  }
  if (!x509.checkPrivateKey(key)) throw fault("the key is not the one of the certificate");
  if (now > new Date(x509.validTo)) throw fault(`the certificate expired on ${x509.validTo}`);
  if (now < new Date(x509.validFrom)) throw fault(`the certificate is not valid before ${x509.validFrom}`);
  return certificate;
}
