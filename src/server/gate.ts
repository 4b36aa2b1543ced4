/**
 * Who may use a server.
 *
 * @module
 */
import type { AccessMode, Login } from "../handlers/access_steps.ts";
import type { UserStore } from "../identity/users.ts";
import { isLoopback } from "../transport/socket.ts";

/** What the gate of a server is told. */
export interface GateOptions {
  readonly access: AccessMode;
  /** The file of users, or a store of them. */
  readonly users: string | UserStore;
  readonly admins: readonly string[];
  readonly registration: "open" | "closed";
}

/** What the logins of a server's connections share. */
export interface Gate extends AsyncDisposable {
  /** The login of one connection; undefined: everybody may come in. */
  login(address: string): Login | undefined;
  /** Why a client may not stop the server; undefined: it may. */
  stopRefusal(name: string | undefined, address: string): string | undefined;
  /** Ends the logins that are under way, however many wait for their turn. */
  close(): Promise<void>;
}

/**
 * Opens the gate of a server. What logins need is loaded only where there are any.
 *
 * @throws {EchopipeError} `damaged`, `permission` or `io` where the file of users cannot be used, `invalid-argument` for
 * an admin's name that cannot be one
 */
export async function openGate(options: GateOptions): Promise<Gate> {
  if (options.access === "open") return everybody;
  const { LoginGate } = await import("./login_gate.ts");
  return await LoginGate.open(options);
}

/** Without logins `stop` is for this machine's own clients: a stranger must not end a server that is left running. */
export function localStopRefusal(address: string): string | undefined {
  return isLoopback(address) ? undefined : "only clients on the server's own machine may stop it";
}

const everybody: Gate = {
  login: () => undefined,
  stopRefusal: (_name, address) => localStopRefusal(address),
  close: () => Promise.resolve(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
};
