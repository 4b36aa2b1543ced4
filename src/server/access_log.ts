/**
 * The records of logins.
 *
 * @module
 */
import type { AccessEvent } from "../access/steps.ts";
import { messageOf } from "../errors.ts";
import type { ClientLog } from "./client_log.ts";

/** Records an event of a client's login. `asksWho`: the server asks its clients who they are; else an admission is no news. */
export function recordAccess(log: ClientLog, event: AccessEvent, asksWho: boolean): void {
  switch (event.type) {
    case "failed":
      return log.record("error", "access.failed", `cannot log in: ${messageOf(event.error)}`);
    case "unstored":
      return log.record("error", "access.unstored", `gets no session: ${messageOf(event.error)}`);
    case "wrong":
      return log.record("warn", "access.wrong", "gave a wrong password");
    case "refused":
      return log.record("warn", "access.refused", `is not admitted: ${event.text}`, { code: event.code });
    case "revoked":
      return log.record("warn", "access.revoked", `may no longer be here: ${event.text}`);
    case "logged-out":
      return admitted("access.logged_out", "logged out", event.name);
    case "admitted":
      if (event.registered) return admitted("access.registered", "registered", event.name);
      return admitted("access.admitted", "is admitted", event.name);
  }

  function admitted(name: string, what: string, user: string | undefined): void {
    if (asksWho) log.record("info", name, `${what} as ${user}`, { name: user });
  }
}
