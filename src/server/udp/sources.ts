/**
 * Sources of datagrams that must not be answered.
 *
 * @module
 */
import { plainAddress } from "../../addresses.ts";
import type { Address } from "../../runtime/socket.ts";

/** Ports below this one belong to services (RFC 6335, 6): echo, DNS, TFTP, NTP, SNMP and the like. Clients use others. */
const FIRST_CLIENT_PORT = 1024;
/** Services above it that answer whoever asks: RADIUS, L2TP, SSDP, NFS, STUN, WS-Discovery, SIP, mDNS, CoAP, memcached. */
const SERVICE_PORTS = new Set([1645, 1646, 1701, 1812, 1813, 1900, 2049, 3478, 3702, 5060, 5353, 5683, 11211]);

/**
 * The reason for which a source is not answered; undefined: it is. Two services that answer each other do so for ever,
 * started by one datagram with a false source (CVE-2024-2169); so no service is answered, and nothing that has the port
 * number of this one.
 */
export function unanswerable({ address, port }: Address, ownPort: number): string | undefined {
  if (port < FIRST_CLIENT_PORT || SERVICE_PORTS.has(port)) return "from the port of a service";
  if (port === ownPort) return "from a port with the number of this one";
  if (!isOneHost(plainAddress(address))) return "from an address that is not one host";
}

/** False for unspecified, multicast and reserved addresses (RFC 1122, 3.2.1.3; RFC 4291, 2.7). */
function isOneHost(address: string): boolean {
  if (address.includes(":")) return address !== "::" && !address.startsWith("ff");
  const first = Number(address.split(".")[0]);
  return first > 0 && first < 224;
}
