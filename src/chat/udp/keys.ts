/**
 * Keys of a session, agreed on by X25519 (RFC 7748), and the sealing of datagrams with them by ChaCha20-Poly1305 (RFC 8439).
 *
 * @module
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
} from "node:crypto";
import { Buffer } from "node:buffer";
import { KEY, TAG } from "./datagrams.ts";
import { concat, numberField } from "./fields.ts";

/** The bytes before the 32 of a private and a public key in their DER form (RFC 8410, 7 and 4). */
const privateHead = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 4, 0x22, 4, 0x20);
const publicHead = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x6e, 3, 0x21, 0);

/** One side's pair of keys, for one session. */
export interface KeyPair {
  readonly private: KeyObject;
  /** 32 bytes. */
  readonly public: Uint8Array;
}

/** The keys of a session, one for each direction: what a side sent is never taken for what it received. */
export interface SessionKeys {
  readonly toServer: Uint8Array;
  readonly toClient: Uint8Array;
}

/** Makes a pair of keys from 32 random bytes. */
export function keyPair(random: (size: number) => Uint8Array): KeyPair {
  const key = der(privateHead, random(KEY));
  const secret = createPrivateKey({ key, format: "der", type: "pkcs8" });
  const exported = createPublicKey(secret).export({ format: "der", type: "spki" });
  return { private: secret, public: new Uint8Array(exported.subarray(publicHead.length)) };
}

/** Derives the keys that both sides come to; undefined if the other's public key is not usable. */
export function agree(
  own: KeyPair,
  other: Uint8Array,
  { nonce, session, clientKey, serverKey }: {
    readonly nonce: Uint8Array;
    readonly session: Uint8Array;
    readonly clientKey: Uint8Array;
    readonly serverKey: Uint8Array;
  },
): SessionKeys | undefined {
  let shared: Uint8Array;
  try {
    const key = createPublicKey({ key: der(publicHead, other), format: "der", type: "spki" });
    shared = diffieHellman({ privateKey: own.private, publicKey: key });
  } catch {
    return undefined; // one of the points that agree on nothing (RFC 7748, 6.1)
  }
  if (shared.every((byte) => byte === 0)) return undefined;
  const facts = concat(nonce, session, clientKey, serverKey);
  const derive = (label: string) => new Uint8Array(createHmac("sha256", shared).update(label).update(facts).digest());
  return { toServer: derive("echopipe chat 2 to server"), toClient: derive("echopipe chat 2 to client") };
}

/**
 * Seals a datagram: the head stays readable, the body is encrypted, and the tag behind it authenticates both. With one key
 * no number may be used for two datagrams.
 */
export function seal(key: Uint8Array, number: number, head: Uint8Array, body: Uint8Array): Uint8Array {
  const cipher = createCipheriv("chacha20-poly1305", key, nonceOf(number), { authTagLength: TAG });
  cipher.setAAD(head, { plaintextLength: body.length });
  const encrypted = cipher.update(body);
  cipher.final();
  return concat(head, encrypted, cipher.getAuthTag());
}

/** Opens what {@linkcode seal} put behind the head; undefined if any of it is not as it was sealed. */
export function open(key: Uint8Array, number: number, head: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const size = sealed.length - TAG;
  const decipher = createDecipheriv("chacha20-poly1305", key, nonceOf(number), { authTagLength: TAG });
  decipher.setAAD(head, { plaintextLength: size });
  decipher.setAuthTag(sealed.subarray(size));
  try {
    const body = decipher.update(sealed.subarray(0, size));
    decipher.final();
    return new Uint8Array(body);
  } catch {
    return undefined;
  }
}

/** The 12 bytes of nonce that the cipher takes: the number, zeros before it. */
function nonceOf(number: number): Uint8Array {
  return numberField(number, 12);
}

function der(head: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.concat([head, key]);
}
