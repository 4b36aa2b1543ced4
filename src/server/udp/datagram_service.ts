/**
 * Echo, discard, chargen and daytime over UDP.
 *
 * @module
 */
import { AddressLimits } from "../../rate.ts";
import { type Address, formatAddress } from "../../runtime/socket.ts";
import type { ServiceLog } from "../../service_log.ts";
import { openDatagrams } from "../../transport/datagram.ts";
import type { ServiceName } from "../services.ts";
import { answers } from "./answers.ts";
import { type DatagramCounts, DatagramLog } from "./datagram_log.ts";
import { unanswerable } from "./sources.ts";
import type { UdpOptions } from "./udp_options.ts";

/** Addresses whose rate is remembered; beyond it the one longest unused is forgotten. */
const MAX_ADDRESSES = 10_000;

/** A running service. */
export interface DatagramService {
  /** All datagrams so far. */
  readonly counts: DatagramCounts;
  /** Ends the service; resolves when the port is free again. */
  close(): Promise<void>;
}

/**
 * Serves datagrams: each is answered by at most one, which is no longer than it is. Those that a service may have sent, and
 * those of an address beyond its rate, are counted and dropped.
 *
 * @throws {EchopipeError} as {@linkcode openDatagrams} does
 */
export async function serveDatagrams(
  at: Address,
  service: ServiceName,
  { perSecond }: Required<UdpOptions>,
  log: ServiceLog,
): Promise<DatagramService> {
  let sums: DatagramLog | undefined;
  const port = await openDatagrams({ host: at.address, port: at.port, onError: (error) => sums?.failed(error) });
  const datagrams = sums = new DatagramLog(log);
  const rates = new AddressLimits({ perSecond, atOnce: perSecond }, MAX_ADDRESSES);
  const answer = answers[service];
  const writer = port.writable.getWriter();
  let overflowed = 0;

  const serve = async () => {
    for await (const { bytes, peer } of port.readable) {
      if (port.dropped > overflowed) {
        datagrams.add("dropped", 0, "more than could be answered", port.dropped - overflowed);
        overflowed = port.dropped;
      }
      const refusal = unanswerable(peer, port.address.port) ??
        (rates.admit(peer.address, performance.now()) ? undefined : "beyond the rate of their address");
      if (refusal !== undefined) {
        datagrams.add("dropped", bytes.length, refusal);
        continue;
      }
      datagrams.add("received", bytes.length);
      const answered = answer(bytes);
      if (answered === undefined) continue;
      await writer.write({ bytes: answered, peer });
      datagrams.add("sent", answered.length);
    }
  };
  log.record("info", "udp.listening", `Server listens for datagrams on ${formatAddress(port.address)}: ${service}`, {
    address: formatAddress(port.address),
    service,
  });
  const served = serve().catch((error) => datagrams.failed(error));
  return {
    counts: datagrams.counts,
    async close() {
      await port.close();
      await served;
      datagrams.close();
    },
  };
}
