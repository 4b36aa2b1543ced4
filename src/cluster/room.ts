/**
 * A room that several servers share.
 *
 * @module
 */
import { system } from "../chat/environment.ts";
import { checkText } from "../chat/room/input.ts";
import type { LeaveReason, RoomEvent } from "../chat/room/events.ts";
import { type ChatRoom, type Membership, type Refusal, refuse, type RoomListener } from "../chat/room/room.ts";
import { checkInteger, messageOf } from "../errors.ts";
import { checkName } from "../names.ts";
import { count, noLog, type ServiceLog } from "../service_log.ts";
import { EventLog } from "./event_log.ts";
import { Liveness } from "./liveness.ts";
import { type Local, Locals } from "./locals.ts";
import type { Nats } from "./nats.ts";
import { Registry } from "./registry.ts";
import type { MemberEvent, SharedEvent } from "./room_events.ts";
import { Roster } from "./roster.ts";
import { Upkeep } from "./upkeep.ts";

/** The options of a room. */
export interface ClusterRoomOptions {
  /** The most members, at all servers together: 1 to 10,000; more come in where several join at once. Default 256. */
  readonly members?: number;
  /** Takes what goes wrong between the servers. Default: none is kept. */
  readonly log?: ServiceLog;
  /** Interval of the servers' signs of life, in milliseconds; without five of them one is taken for dead. Default 2000. */
  readonly signs?: number;
}

/**
 * A room whose members are at several servers, joined by NATS. Everybody hears everything in one order, that of the
 * room's stream: a server tells its members only what comes back from it. A name is a key that is created once, so two
 * servers never give it to two.
 *
 * Without NATS nobody joins and nothing is said; members are told so, and stay. Members of a server that shows no sign of
 * life leave as `lost`.
 */
export class ClusterRoom implements ChatRoom, AsyncDisposable {
  readonly #server = crypto.randomUUID();
  readonly #maxMembers: number;
  readonly #log: ServiceLog;
  readonly #registry: Registry;
  readonly #upkeep: Upkeep;
  readonly #roster = new Roster();
  readonly #locals: Locals;
  /** Leaves under way. */
  readonly #leaving = new Set<Promise<void>>();
  #events!: EventLog;
  #away = false;
  #closed = false;

  private constructor(registry: Registry, { members = 256, log = noLog, signs = 2000 }: ClusterRoomOptions) {
    this.#maxMembers = checkInteger("members", members, 1, 10_000);
    this.#log = log;
    this.#registry = registry;
    this.#locals = new Locals((error) => log.record("error", "member.failed", messageOf(error)));
    this.#upkeep = new Upkeep(
      {
        isStale: ({ server, id }) => server === this.#server && !this.#locals.has(id),
        publishLost: ({ name, id }) => this.#publish(id, { type: "left", name, time: now(), reason: "lost" }),
        rejoin: () => this.#rejoin(),
        reachable: (reason) => this.#reachable(reason),
      },
      registry,
      this.#roster,
      new Liveness(registry, this.#server),
      signs,
    );
  }

  /** Opens the room. Rejects with `timed-out` or `io` where NATS does not answer. */
  static async open(nats: Nats, options: ClusterRoomOptions = {}): Promise<ClusterRoom> {
    const registry = await Registry.open(nats);
    const room = new ClusterRoom(registry, options);
    try {
      room.#events = await EventLog.open(nats, {
        read: (event) => room.#hear(event),
        restarted: () => room.#roster.clear(), // those at a server join again
        missed: (events) => room.#missed(events),
        interrupted: (reason) => room.#log.record("warn", "cluster.interrupted", `Reading the room again: ${reason}`),
      });
      room.#adopt();
      await room.#upkeep.begin();
      return room;
    } catch (error) {
      await room.#events?.[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      throw error;
    }
  }

  get names(): readonly string[] {
    return this.#roster.present.map(({ name }) => name);
  }

  async join(requested: string, listener: RoomListener): Promise<Membership | Refusal> {
    let name: string;
    try {
      name = checkName(requested);
    } catch (error) {
      return { refused: "name-invalid", text: messageOf(error) };
    }
    if (this.#closed) return refuse(name, "stopped");
    if (this.#roster.size >= this.#maxMembers) return refuse(name, "room-full");
    const local = this.#locals.add(name, listener);
    try {
      if (!await this.#claim(local)) {
        this.#locals.remove(local);
        return refuse(name, "name-taken");
      }
      await local.welcome();
    } catch (error) {
      this.#locals.remove(local); // the next round has it leave, and gives its name back
      this.#failed(error);
      return refuse(name, "unavailable");
    }
    return this.#membership(local);
  }

  /** Leaves the cluster: members at this server leave as `stopped`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#upkeep[Symbol.asyncDispose]();
    for (const local of this.#locals.all) this.#leave(local, "stopped");
    await Promise.all(this.#leaving);
    await this.#registry.forget(this.#server, undefined).catch(() => {}); // the others notice by themselves
    await this.#events[Symbol.asyncDispose]();
    await this.#registry[Symbol.asyncDispose]();
  }

  #membership(local: Local): Membership {
    const speak = async (type: "said" | "acted", text: string) => {
      const checked = checkText(text);
      if (!this.#locals.has(local.id)) return;
      await this.#publish(local.id, { type, name: local.name, time: now(), text: checked });
    };
    return {
      name: local.name,
      say: (text) => speak("said", text),
      act: (text) => speak("acted", text),
      leave: (reason = "left") => this.#leave(local, reason),
    };
  }

  /** Takes the name of a member, and has it join; false: somebody else has the name. */
  async #claim(local: Local): Promise<boolean> {
    const { name, id } = local;
    const taken = await this.#registry.take({ name, id, server: this.#server });
    if (taken === undefined) return false;
    local.taken = taken;
    if (this.#locals.has(id)) await this.#publishJoined(local);
    return true;
  }

  async #publishJoined({ name, taken }: Local): Promise<void> {
    await this.#publish(taken!.id, { type: "joined", name, time: now() }, taken!.revision);
  }

  #publish(id: string, event: SharedEvent, revision?: number): Promise<void> {
    return this.#events.publish({ id, event, revision });
  }

  /** Has a member leave. What fails is done again in the next round. */
  #leave(local: Local, reason: LeaveReason): void {
    if (!this.#locals.remove(local)) return;
    const { name, id, taken } = local;
    const leave = async () => {
      await this.#publish(id, { type: "left", name, time: now(), reason });
      if (taken !== undefined) await this.#registry.release(taken); // after that: who takes it joins behind the `left`
    };
    const leaving = leave().catch((error) => this.#failed(error)).finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }

  /** Takes the next event of the room. */
  #hear(heard: MemberEvent): void {
    const { id, event } = heard;
    if (!this.#roster.take(heard)) return;
    const own = event.type === "joined" ? this.#locals.get(id) : undefined;
    if (own !== undefined && !own.present) {
      own.enter({ type: "welcome", name: own.name, names: this.names }, this.#roster.texts);
      this.#tell(event, own);
    } else this.#tell(event);
  }

  /** Members of this server that the others have given up, while they could not be reached, join again. */
  async #rejoin(): Promise<void> {
    for (const local of this.#locals.all) {
      if (!local.present || this.#roster.has(local)) continue;
      const holder = this.#registry.holder(local.name);
      if (holder?.id === local.id) {
        local.taken = holder;
        await this.#publishJoined(local);
      } else {
        // A membership of its own: events of the one before may still be under way.
        this.#locals.renew(local);
        if (await this.#claim(local)) continue;
        local.tell({ type: "notice", text: `Somebody else is ${local.name} by now` });
        local.tell({ type: "bye", reason: "lost" });
        this.#locals.remove(local);
      }
    }
  }

  /** Events were missed: who is there is known from the names. */
  #missed(events: number): void {
    this.#log.record("warn", "cluster.missed", `${count(events, "event")} of the room came too late to be read`, {
      events,
    });
    this.#adopt();
    this.#tell({ type: "notice", text: `${count(events, "message")} of the room cannot be shown` });
  }

  /** Adds those whose joining is not among the events any more. */
  #adopt(): void {
    for (const taken of this.#registry.names) this.#roster.add(taken);
  }

  /** NATS can be reached again, or not any longer. */
  #reachable(reason: string | undefined): void {
    if (this.#away === (reason !== undefined)) return;
    this.#away = reason !== undefined;
    if (reason === undefined) this.#log.record("info", "cluster.back", "The other servers can be reached again");
    else this.#log.record("warn", "cluster.away", `The other servers cannot be reached: ${reason}`);
    const text = this.#away
      ? "The other servers cannot be reached: nothing that is said arrives until they are back"
      : "The other servers are back";
    this.#tell({ type: "notice", text });
  }

  #tell(event: RoomEvent, but?: Local): void {
    for (const local of this.#locals.all) if (local.present && local !== but) local.tell(event);
  }

  #failed(error: unknown): void {
    this.#log.record("warn", "cluster.unavailable", messageOf(error));
  }
}

const now = () => system.clock.now();
