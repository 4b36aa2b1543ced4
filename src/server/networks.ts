/**
 * Lists of networks: who may connect, and who may not.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";
import { plainAddress } from "../addresses.ts";
import { EchopipeError } from "../errors.ts";

/** Decides who may connect. */
export class Admission {
  readonly #allow: Networks | undefined;
  readonly #deny: Networks | undefined;

  /**
   * Takes two lists of networks, each `ADDRESS` or `ADDRESS/PREFIX` (RFC 4632, RFC 4291). An empty `allow` is everybody;
   * `deny` wins. IPv4 addresses in IPv6 (`::ffff:192.0.2.1`) count as IPv4.
   *
   * @throws {EchopipeError} `invalid-argument` for one that is no network
   */
  constructor(allow: readonly string[], deny: readonly string[]) {
    if (allow.length > 0) this.#allow = new Networks(allow);
    if (deny.length > 0) this.#deny = new Networks(deny);
  }

  /** True if that address may connect. */
  admits(address: string): boolean {
    if (this.#deny?.includes(address)) return false;
    return this.#allow === undefined || this.#allow.includes(address);
  }
}

/** A list of networks. */
class Networks {
  // One for each family: Node finds an IPv4 address in ::/0, Deno does not.
  readonly #lists = { ipv4: new BlockList(), ipv6: new BlockList() };

  constructor(networks: readonly string[]) {
    for (const { address, prefix, family } of networks.map(parseNetwork)) {
      this.#lists[family].addSubnet(address, prefix, family);
    }
  }

  includes(address: string): boolean {
    const plain = plainAddress(address);
    const family = isIP(plain) === 6 ? "ipv6" : "ipv4";
    return this.#lists[family].check(plain, family);
  }
}

/** A network. */
interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: "ipv4" | "ipv6";
}

/**
 * Parses `ADDRESS` or `ADDRESS/PREFIX`.
 *
 * @throws {EchopipeError} `invalid-argument` if it is neither
 */
export function parseNetwork(text: string): Network {
  const [given, length, ...more] = text.trim().split("/");
  const address = plainAddress(given);
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  // The prefix of an IPv4 network in IPv6 counts from the start of the IPv6 address.
  const offset = version === 4 && given.includes(":") ? 96 : 0;
  const prefix = length === undefined ? bits : /^\d{1,3}$/.test(length) ? Number(length) - offset : NaN;
  if (version === 0 || more.length > 0 || given.includes("%") || !(prefix >= 0 && prefix <= bits)) {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot use network "${text}": expected an address, or an address and a prefix such as 192.0.2.0/24 or 2001:db8::/32`,
      { received: text },
    );
  }
  return { address, prefix, family: version === 6 ? "ipv6" : "ipv4" };
}
