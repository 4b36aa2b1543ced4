/**
 * The keys of a session: agreed on by X25519 (RFC 7748), so that who merely listens cannot speak in a member's name.
 *
 * @module
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  timingSafeEqual,
} from "node:crypto";
import { Buffer } from "node:buffer";
import { KEY, TAG } from "./datagrams.ts";
import { concat } from "./fields.ts";

/** What stands before the 32 bytes of a private and a public key in their DER form (RFC 8410, 7 and 4). */
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

/** The keys that both sides come to; undefined if the other's public key is no good. */
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
  return { toServer: derive("echopipe chat 1 to server"), toClient: derive("echopipe chat 1 to client") };
}

/** The tag of some bytes: HMAC-SHA256, its first 16 bytes (RFC 2104, 5). */
export function tagOf(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(bytes).digest().subarray(0, TAG);
}

/** Whether the tag is that of the bytes; takes as long for every wrong one. */
export function isTag(key: Uint8Array, bytes: Uint8Array, tag: Uint8Array): boolean {
  return timingSafeEqual(tagOf(key, bytes), tag);
}

/** Bytes with their tag behind them. */
export function tagged(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return concat(bytes, tagOf(key, bytes));
}

function der(head: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.concat([head, key]);
}
