/**
 * Search for a free port.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Address } from "../runtime/socket.ts";

/** Number of ports above the requested one that are tried. */
const PORTS_TRIED = 100;

/** Options of {@linkcode firstFree}. */
export interface FirstFreeOptions {
  /** True: a port in use is an error. False: the next one is tried. */
  readonly strict: boolean;
  /** Called for each port in use. */
  taken(port: number): void;
}

/**
 * Opens the requested port or, unless `strict`, the next free one of the 100 above it.
 *
 * @throws {EchopipeError} `address-in-use` if none is free, and any other error of `open`
 */
export async function firstFree<T>(
  { address, port: requested }: Address,
  open: (port: number) => Promise<T>,
  { strict, taken }: FirstFreeOptions,
): Promise<T> {
  const last = Math.min(requested + PORTS_TRIED, 65535);
  for (let port = requested;; port++) {
    try {
      return await open(port);
    } catch (error) {
      const inUse = error instanceof EchopipeError && error.code === "address-in-use";
      if (!inUse || strict || port === 0) throw error;
      if (port >= last) {
        throw new EchopipeError(
          "address-in-use",
          `Cannot listen on ${address}: the ports ${requested} to ${last} are all in use`,
          { cause: error },
        );
      }
      taken(port);
    }
  }
}
