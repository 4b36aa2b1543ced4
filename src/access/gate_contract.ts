/**
 * The contract of a gate: it says who may use a server, and who may stop it.
 *
 * @module
 */
import type { AccessMode, Login } from "./steps.ts";
import type { UserStore } from "../identity/users.ts";
import { isLoopback } from "../addresses.ts";

/** Options of a {@linkcode Gate}. */
export interface GateOptions {
  readonly access: AccessMode;
  /** The file of users, or a store of them. */
  readonly users: string | UserStore;
  readonly admins: readonly string[];
  readonly registration: "open" | "closed";
  readonly allowStop: AllowStop;
  /** Clients come through a proxy: no address tells one on this machine. */
  readonly proxyProtocol: boolean;
}

/** Clients that may stop a server: those on its own machine, those that are logged in as an admin, or none. */
export type AllowStop = "loopback" | "admins" | "none";

/** The part of a server that the logins of its connections share. */
export interface Gate extends AsyncDisposable {
  /** The login of one connection; undefined: everybody may come in. */
  login(address: string): Login | undefined;
  /** The reason why a client may not stop the server; undefined: it may. */
  stopRefusal(name: string | undefined, address: string): string | undefined;
  /** Rejects where the file of users cannot be read. */
  check(): Promise<void>;
  /** Ends the logins that are pending. */
  close(): Promise<void>;
}

/**
 * The reason why a client may not stop the server; undefined: it may. A stranger must not end a server that is left
 * running. `isAdmin`: the client is logged in under a name that may. `isProxied`: it came through a proxy.
 */
export function stopRefusal(
  allow: AllowStop,
  address: string,
  isAdmin: boolean,
  isProxied: boolean,
): string | undefined {
  switch (allow) {
    case "none":
      return "no client may stop it (--allow-stop none)";
    case "admins":
      return isAdmin ? undefined : "only those with --admin may stop it";
    case "loopback":
      if (isProxied) return "no client that came through a proxy may stop it";
      return isLoopback(address) ? undefined : "only clients on the server's own machine may stop it";
  }
}
