/**
 * Keys of buckets that hold any text.
 *
 * @module
 */

/** A key: a word, and a text in base64url (RFC 4648, 5), whose letters NATS takes in keys. */
export function keyText(word: string, text: string): string {
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return `${word}.${base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;
}

/** The text of a key; undefined: it is no such key. */
export function textOfKey(key: string): string | undefined {
  const base64 = key.slice(key.indexOf(".") + 1).replaceAll("-", "+").replaceAll("_", "/");
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
