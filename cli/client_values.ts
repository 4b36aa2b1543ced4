/**
 * The flags of `deno task client`, as values.
 *
 * @module
 */
import type { ClientFraming } from "../src/client/framing.ts";
import type { LogValues } from "./common_flags.ts";

/** The client's flags, as values. */
export interface ClientValues extends LogValues {
  host: string;
  port: number;
  unix?: string;
  framing: ClientFraming;
  tls?: boolean;
  tlsCa?: string;
  name?: string;
  passwordFile?: string;
  sessionFile: string;
  session: boolean;
  logout?: boolean;
  output?: string;
  timeout: number;
  ipv4?: boolean;
  ipv6?: boolean;
  progress: boolean;
  quiet?: boolean;
  yes?: boolean;
}
