/**
 * The services, a datagram at a time.
 *
 * @module
 */
import { characterLines } from "../../handlers/chargen.ts";
import { daytimeText } from "../../handlers/daytime.ts";
import type { ServiceName } from "../services.ts";

/** Most characters in a datagram of RFC 864. */
const MAX_CHARACTERS = 512;

/** Answers to a datagram, never longer than it is: who writes another's address on one gains nothing. */
export const answers: Readonly<Record<ServiceName, (bytes: Uint8Array) => Uint8Array | undefined>> = {
  echo: (bytes) => bytes,
  discard: () => undefined,
  chargen: ({ length }) => characterLines().subarray(0, Math.min(length, MAX_CHARACTERS)),
  daytime: ({ length }) => new TextEncoder().encode(`${daytimeText()}\r\n`).subarray(0, length),
};
