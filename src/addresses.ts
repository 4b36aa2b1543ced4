/**
 * IP addresses: their spellings, networks and loopback.
 *
 * @module
 */

/** An address in one spelling: IPv4 in IPv6 as IPv4, no zone, lower case. */
export function plainAddress(address: string): string {
  return address.toLowerCase().replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/, "");
}

/** Tells this machine's own loopback, in any of its spellings, and `unix`, the address of Unix sockets. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || plain === "unix" || plain.startsWith("127.");
}

/** The network that counts as one client: the /64 of an IPv6 address, which one customer gets (RFC 6177), or the IPv4 address. */
export function networkOf(address: string): string {
  const plain = plainAddress(address);
  if (!plain.includes(":")) return plain;
  const [head, tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length + after.length < 8) groups.push("0");
    groups.push(...after);
  }
  return groups.slice(0, 4).map((group) => parseInt(group, 16).toString(16)).join(":") + "::/64";
}
