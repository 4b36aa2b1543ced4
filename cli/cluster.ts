/**
 * The flags of a cluster, and the parts of a server that it shares with others.
 *
 * @module
 */
import type { ClusterRoom } from "../src/cluster/room.ts";
import type { UserStore } from "../src/identity/users.ts";
import type { ServiceLog } from "../src/service_log.ts";
import { beforeExit } from "./command.ts";
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

/** The parts of a server that it shares with the others of its cluster; each is opened when it is asked for. */
export interface Cluster {
  users(): Promise<UserStore>;
  room(members?: number): Promise<ClusterRoom>;
  /** Leaves the cluster; what is done on behalf of members that are still there is done first. */
  close(): Promise<void>;
}

/**
 * Joins the cluster that the flags name; undefined: they name none.
 *
 * @throws {CommandError} status 2 for a URL or a file that cannot be used, 3 where NATS does not answer
 */
export async function joinCluster(values: ClusterValues, log: ServiceLog): Promise<Cluster | undefined> {
  const { cluster: url, clusterCredentials: file } = values;
  if (url === undefined) {
    if (file === undefined) return undefined;
    throw new CommandError(Status.usage, "Cannot use --cluster-credentials alone: expected --cluster");
  }
  const credentials = file === undefined ? undefined : readText("--cluster-credentials", file);
  // Loaded only where there is a cluster.
  const { ClusterRoom, ClusterUserStore, openNats } = await import("../src/cluster/mod.ts");
  const nats = await openNats({ url, credentials });
  const opened: AsyncDisposable[] = [nats];
  const keep = <T extends AsyncDisposable>(part: T): T => {
    opened.unshift(part);
    return part;
  };
  let closing: Promise<void> | undefined;
  const closeAll = async () => {
    for (const part of opened) await part[Symbol.asyncDispose]();
  };
  const close = () => closing ??= closeAll();
  beforeExit(close);
  return {
    users: async () => keep(await ClusterUserStore.open(nats)),
    room: async (members) => keep(await ClusterRoom.open(nats, { members, log })),
    close,
  };
}
