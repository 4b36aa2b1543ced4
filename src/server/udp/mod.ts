/**
 * The services over UDP: who is answered, with what, how often, and the records of it. The datagrams themselves are
 * those of `src/transport`.
 *
 * @module
 */
export { type DatagramService, serveDatagrams } from "./datagram_service.ts";
export { listenBoth } from "./listen_both.ts";
export type { UdpOptions } from "./udp_options.ts";
