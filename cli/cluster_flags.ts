/**
 * The flags of a server that is one of several.
 *
 * @module
 */
import type { NatsOptions } from "../src/cluster/nats.ts";
import { type Flag, someText } from "./flags.ts";
import { CommandError, Status } from "./status.ts";
import { readText } from "./text_file.ts";

/** The values of {@linkcode clusterFlags}. */
export interface ClusterValues {
  readonly cluster?: string;
  readonly clusterCredentials?: string;
}

/** The flags of a server that is one of several. */
export const clusterFlags: readonly Flag[] = [
  {
    flags: "--cluster <URL>",
    meaning:
      "be one service with other servers over NATS: one room, one set of users; nats://HOST:PORT or tls://HOST:PORT",
    parse: someText,
  },
  { flags: "--cluster-credentials <FILE>", meaning: "file with the credentials for NATS", parse: someText },
];

/**
 * The cluster that the flags name; undefined: none.
 *
 * @throws {CommandError} status 2 for a file that cannot be read, or one without a cluster
 */
export function clusterOptions({ cluster: url, clusterCredentials: file }: ClusterValues): NatsOptions | undefined {
  if (url === undefined) {
    if (file === undefined) return undefined;
    throw new CommandError(Status.usage, "Cannot use --cluster-credentials alone: expected --cluster");
  }
  return { url, ...(file !== undefined && { credentials: readText("--cluster-credentials", file) }) };
}
