/**
 * Options of the stage that admits clients.
 *
 * @module
 */
import type { AutoCodec } from "../framing/auto.ts";
import type { AccessEvent, AccessMode, Login } from "./steps.ts";

/** Options of `access`. */
export interface AccessOptions {
  /** The mode of access: who may use the server. Default `open`. */
  readonly mode?: AccessMode;
  /** The login of this client, unless the mode is `open`: see `identify` and `authenticate`. */
  readonly login?: Login;
  /** The framing of the connection; the codec itself where it is `auto`. Default `message`. */
  readonly framing?: "message" | "line" | AutoCodec;
  /** Timeout for each answer of a login, in milliseconds. Default 10,000. */
  readonly loginTimeout?: number;
  /** Called with each event, for a log. */
  readonly onEvent?: (event: AccessEvent) => void;
}

/** The login where everyone may come in. */
export const everyone: Login = {
  begin: () => ({ type: "welcome" }),
  answer: () => ({ type: "welcome" }),
};
