/**
 * The parts of a server that it shares with the others of its cluster.
 *
 * @module
 */
import type { NatsOptions } from "../src/cluster/nats.ts";
import type { ClusterRoom } from "../src/cluster/room.ts";
import type { UserStore } from "../src/identity/users.ts";
import type { Service } from "../src/server/services.ts";
import type { PartsModule, WorkerParts } from "../src/server/worker_parts.ts";
import type { ServiceLog } from "../src/service_log.ts";

/** Limit of leaving the cluster in good order, in milliseconds. After that the others notice by themselves. */
const CLOSE_MS = 1000;

/** The parts of a server that it shares with the others of its cluster; each is opened when it is asked for. */
export interface Cluster {
  users(): Promise<UserStore>;
  room(members?: number): Promise<ClusterRoom>;
  /** Leaves the cluster; what is done on behalf of members that are still there is done first. */
  close(): Promise<void>;
}

/** The parts of a cluster that a server uses, in a form that other threads can be given. */
export interface ClusterUse {
  readonly nats: NatsOptions;
  readonly users: boolean;
  readonly chat: boolean;
}

/**
 * Joins a cluster.
 *
 * @throws {EchopipeError} `invalid-argument` for a URL or credentials that cannot be used, `connection-refused`, `io` or
 * `timed-out` where NATS does not answer
 */
export async function joinCluster(options: NatsOptions, log: ServiceLog): Promise<Cluster> {
  // Loaded only where there is a cluster.
  const { ClusterRoom, ClusterUserStore, openNats } = await import("../src/cluster/mod.ts");
  const nats = await openNats(options);
  const opened: AsyncDisposable[] = [];
  const keep = <T extends AsyncDisposable>(part: T): T => {
    opened.unshift(part);
    return part;
  };
  const closeParts = async () => {
    for (const part of opened) await part[Symbol.asyncDispose]();
  };
  const closeAll = async () => {
    const parts = closeParts();
    parts.catch(() => {}); // nobody waits for what takes longer
    let timer: ReturnType<typeof setTimeout> | undefined;
    await Promise.race([parts, new Promise((resume) => timer = setTimeout(resume, CLOSE_MS))]);
    clearTimeout(timer);
    await nats[Symbol.asyncDispose]();
  };
  let closing: Promise<void> | undefined;
  return {
    users: async () => keep(await ClusterUserStore.open(nats)),
    room: async (members) => keep(await ClusterRoom.open(nats, { members, log })),
    close: () => closing ??= closeAll(),
  };
}

/** The parts of one worker of a server in a cluster: its users and its service. Called in each thread. */
export async function makeParts({ nats, users, chat }: ClusterUse, log: ServiceLog): Promise<WorkerParts> {
  const cluster = await joinCluster(nats, log);
  try {
    return {
      ...(users && { users: await cluster.users() }),
      ...(chat && { service: await chatService(cluster) }),
      close: () => cluster.close(),
    };
  } catch (error) {
    await cluster.close();
    throw error;
  }
}

async function chatService(cluster: Cluster): Promise<Service> {
  const [room, { chat }] = await Promise.all([cluster.room(), import("../src/chat/room/chat.ts")]);
  return ({ name, lines }) => chat(room, { name, lines });
}

/** The parts of a server in a cluster, and how its other workers make theirs. */
export async function clusterParts(
  nats: NatsOptions,
  { access, service }: { readonly access: string; readonly service: string },
  log: ServiceLog,
): Promise<WorkerParts & { readonly workerParts: PartsModule }> {
  const use: ClusterUse = { nats, users: access !== "open", chat: service === "chat" };
  return { ...await makeParts(use, log), workerParts: { module: import.meta.url, data: use } };
}
