/**
 * The flags that `ping` and `load` share.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../src/errors.ts";
import { MARK, MAX_DATAGRAM } from "../src/probe/datagram_peer.ts";
import type { ProbeTarget } from "../src/probe/open_peer.ts";
import type { ProbeFraming, Sizes } from "../src/probe/script.ts";
import { formatAddress } from "../src/runtime/socket.ts";
import { yesFlag } from "./common_flags.ts";
import type { Parsed } from "./command_line.ts";
import { type Flag, secondsFrom, someText } from "./flags.ts";
import { CommandError, Status } from "./status.ts";
import { parseTarget } from "./target.ts";
import { readCertificates } from "./text_file.ts";

/** Values of {@linkcode probeFlags}. */
export interface ProbeValues {
  readonly udp?: boolean;
  readonly framing: ProbeFraming;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** The way to speak to the server, and the form of the result. */
export const probeFlags: readonly Flag[] = [
  { flags: "--udp", meaning: "datagrams instead of a connection" },
  {
    flags: "--framing <NAME>",
    meaning: "how messages are delimited",
    choices: ["message", "line", "raw"],
    fallback: "message",
  },
  { flags: "--tls", meaning: "speak TLS" },
  {
    flags: "--tls-ca <FILE>",
    meaning: "certificates of the authorities to trust, PEM; on Deno besides its own",
    parse: someText,
  },
  {
    flags: "--timeout <SECONDS>",
    meaning: "time to connect, and to wait for the last answers",
    fallback: 5,
    parse: secondsFrom(0.001, 86_400),
  },
  { flags: "--json", meaning: "the result as one JSON object on standard output" },
  yesFlag,
];

/**
 * The server that the command line names, and the way to speak to it.
 *
 * @throws {CommandError} status 2 for a wrong address, and flags that exclude each other
 */
export function targetOf<T extends ProbeValues>(
  { values, operands, origin }: Parsed<T>,
): ProbeTarget & { name: string } {
  const { address, port } = parseTarget(operands[0]);
  const { udp, framing, tls, tlsCa, timeout } = values;
  if (udp) {
    const [other] = (["tls", "tlsCa", "framing"] as const).filter((name) => origin(name) === "flag");
    if (other !== undefined) {
      const flag = other === "tlsCa" ? "--tls-ca" : `--${other}`;
      throw new CommandError(
        Status.usage,
        `Cannot use ${flag} together with --udp: datagrams have neither TLS nor framing`,
      );
    }
  }
  const ca = tlsCa === undefined || udp ? undefined : readCertificates("--tls-ca", tlsCa);
  return {
    name: formatAddress({ address, port }),
    host: address,
    port,
    udp,
    framing,
    tls: !udp && (tls || ca !== undefined) ? { ca } : undefined,
    timeoutMs: timeout * 1000,
  };
}

/**
 * Checks the sizes of datagrams: each carries 8 bytes that identify it.
 *
 * @throws {CommandError} status 2
 */
export function checkDatagramSizes({ min, max }: Sizes): void {
  if (min >= MARK && max <= MAX_DATAGRAM) return;
  const found = min === max ? `${min}` : `${min}-${max}`;
  throw new CommandError(
    Status.usage,
    `Cannot use --size ${found} with --udp: expected ${MARK} to ${MAX_DATAGRAM} bytes, of which ${MARK} identify the datagram`,
  );
}

/** The failure of a command that could not connect. */
export function notReached(error: unknown): unknown {
  if (!(error instanceof EchopipeError) || error.code === "invalid-argument") return error;
  return new CommandError(Status.notConnected, messageOf(error), error);
}
