/** Servers of a cluster that share a room, in one process. */
import assert from "node:assert/strict";
import type { RoomEvent } from "../../src/chat/room/events.ts";
import type { Membership } from "../../src/chat/room/room.ts";
import { type Nats, openNats } from "../../src/cluster/nats.ts";
import { ClusterRoom } from "../../src/cluster/room.ts";

/** Interval of signs of life, in milliseconds. */
const SIGNS_MS = 150;

/** A member, and all that it has heard. */
export interface Heard {
  readonly name: string;
  readonly heard: RoomEvent[];
  readonly membership: Membership;
}

/** One server of the cluster. */
export class Server {
  readonly nats: Nats;
  readonly room: ClusterRoom;
  readonly members: Heard[] = [];

  private constructor(nats: Nats, room: ClusterRoom) {
    this.nats = nats;
    this.room = room;
  }

  static async start(url: string): Promise<Server> {
    const nats = await openNats({ url });
    return new Server(nats, await ClusterRoom.open(nats, { signs: SIGNS_MS }));
  }

  async join(name: string): Promise<Heard> {
    const heard: RoomEvent[] = [];
    const membership = await this.room.join(name, (event) => heard.push(event));
    assert.ok("say" in membership, "text" in membership ? membership.text : "");
    const member = { name, heard, membership };
    this.members.push(member);
    return member;
  }

  /** Ends without a word to anybody, as a process that is killed. */
  async kill(): Promise<void> {
    await this.nats.connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.room[Symbol.asyncDispose]();
    await this.nats[Symbol.asyncDispose]();
  }
}

/** Removes what earlier tests have left in NATS. */
export async function emptyRoom(url: string): Promise<void> {
  await using nats = await openNats({ url });
  await (await nats.bucket("echopipe-members")).destroy();
  await nats.manager.streams.delete("echopipe-room").catch(() => {}); // there is none yet
}

/** The texts that somebody has heard, with their speakers. */
export function textsOf(heard: readonly RoomEvent[]): string[] {
  return heard.flatMap((event) => event.type === "said" ? [`${event.name}: ${event.text}`] : []);
}

/** The names of those whose joining or leaving somebody has heard. */
export function namesOf(heard: readonly RoomEvent[], type: "joined" | "left"): string[] {
  return heard.flatMap((event) => event.type === type ? [event.name] : []);
}
