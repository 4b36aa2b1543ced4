/**
 * The server's flags for datagrams, and for faults on purpose.
 *
 * @module
 */
import { InvalidArgumentError } from "commander";
import { messageOf } from "../src/errors.ts";
import type { Fault } from "../src/faults/fault.ts";
import { parseFaults } from "../src/faults/parse.ts";
import type { UdpOptions } from "../src/server/udp/udp_options.ts";
import { type Flag, integerFrom } from "./flags.ts";

/** The values of {@linkcode familyFlags}. */
export interface FamilyValues {
  udp?: boolean;
  udpRate: number;
  fault?: Fault[][];
}

/** The flags of datagrams and faults. */
export const familyFlags: readonly Flag[] = [
  { flags: "--udp", meaning: "serve echo, discard, chargen or daytime over UDP, too, on the same port number" },
  {
    flags: "--udp-rate <N>",
    meaning: "datagrams a second of one address, or one IPv6 /64, that are answered",
    fallback: 10_000,
    parse: integerFrom(1, 10_000_000),
  },
  {
    flags: "--fault <NAME=VALUE,...>",
    meaning: "faults on purpose in what is sent: latency=50ms±10ms throttle=1MiB/s slice=3 corrupt=0.000001 " +
      "cut=1MiB reset=1MiB stall=1MiB; repeatable",
    details:
      "latency delays, throttle limits the rate, slice limits the bytes of a write, corrupt is the probability that a byte is changed, cut ends the connection cleanly after so many bytes, reset resets it, stall sends no more.",
    parse: parseFault,
    repeatable: true,
  },
];

/** The server's options that these values stand for. */
export function familyOptions({ udp, udpRate, fault = [] }: FamilyValues): {
  readonly udp: false | UdpOptions;
  readonly faults: readonly Fault[];
} {
  return { udp: udp ? { perSecond: udpRate } : false, faults: fault.flat() };
}

/** Parses the value of `--fault`. */
function parseFault(text: string): Fault[] {
  try {
    return parseFaults(text);
  } catch (error) {
    // The whole value is named already.
    const message = messageOf(error).replace("Cannot use ", "");
    throw new InvalidArgumentError(message.replace(`fault "${text}": `, ""));
  }
}
