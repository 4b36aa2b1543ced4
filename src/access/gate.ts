/**
 * Opens the gate of a server.
 *
 * @module
 */
import { type AllowStop, type Gate, type GateOptions, stopRefusal } from "./gate_contract.ts";

/**
 * Opens the gate of a server. The modules of logins are loaded only where there are any.
 *
 * @throws {EchopipeError} `damaged`, `permission` or `io` where the file of users cannot be used, `invalid-argument` for
 * an admin's name that cannot be one
 */
export async function openGate(options: GateOptions): Promise<Gate> {
  if (options.access === "open") return everybody(options);
  const { LoginGate } = await import("./login_gate.ts");
  return await LoginGate.open(options);
}

const everybody = ({ allowStop, proxyProtocol }: GateOptions): Gate => ({
  login: () => undefined,
  stopRefusal: (_name, address) => stopRefusal(allowStop, address, false, proxyProtocol),
  check: () => Promise.resolve(),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

export type { AllowStop, Gate, GateOptions };
