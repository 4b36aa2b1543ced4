/**
 * A room that several servers share.
 *
 * @module
 */
import { system } from "../chat/environment.ts";
import { checkText } from "../chat/room/input.ts";
import type { LeaveReason } from "../chat/room/events.ts";
import { type ChatRoom, type Membership, type Refusal, refuse, type RoomListener } from "../chat/room/room.ts";
import { checkInteger, EchopipeError, messageOf } from "../errors.ts";
import { checkName, nameKey } from "../names.ts";
import { noLog, type ServiceLog } from "../service_log.ts";
import { EventLog } from "./event_log.ts";
import { Liveness } from "./liveness.ts";
import { MemberKeys } from "./member_keys.ts";
import type { Nats } from "./nats.ts";
import type { MemberEvent, SharedEvent } from "./room_events.ts";

/** Texts that those who join are told. */
const HISTORY = 100;

/** The options of a room. */
export interface ClusterRoomOptions {
  /** The most members, at all servers together: 1 to 10,000. Default 256. */
  readonly members?: number;
  /** Takes what goes wrong between the servers. Default: none is kept. */
  readonly log?: ServiceLog;
  /** Interval of the servers' signs of life, in milliseconds; without five of them one is taken for dead. Default 2000. */
  readonly signs?: number;
}

/** Limit for the word of one's own joining to come back, in milliseconds. */
const WELCOME_MS = 5000;

/** A member at this server. */
interface Local {
  readonly name: string;
  readonly id: string;
  readonly listener: RoomListener;
  /** Number of the last event that it published. */
  events: number;
  /** True once its own `joined` has come: from then on it hears. */
  present: boolean;
  readonly welcomed: PromiseWithResolvers<void>;
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
  readonly #keys: MemberKeys;
  readonly #liveness: Liveness;
  /** Everybody in the room, by the key of the name. */
  readonly #present = new Map<string, { name: string; id: string }>();
  readonly #locals = new Map<string, Local>();
  readonly #texts: SharedEvent[] = [];
  #events!: EventLog;
  #away = false;

  private constructor(keys: MemberKeys, { members = 256, log = noLog, signs }: ClusterRoomOptions) {
    this.#maxMembers = checkInteger("members", members, 1, 10_000);
    this.#log = log;
    this.#keys = keys;
    this.#liveness = new Liveness(keys, this.#server, {
      isGone: ({ server, id }) => server === this.#server && !this.#locals.has(id),
      lost: (taken) => this.#publishLeft(taken, "lost", 0),
      reachable: (reason) => this.#reachable(reason),
    }, signs);
  }

  /** Opens the room. Rejects with `timed-out` or `io` where NATS does not answer. */
  static async open(nats: Nats, options: ClusterRoomOptions = {}): Promise<ClusterRoom> {
    const keys = await MemberKeys.open(nats);
    const room = new ClusterRoom(keys, options);
    room.#events = await EventLog.open(nats, {
      read: (event, live) => room.#hear(event, live),
      interrupted: (reason) => room.#log.record("warn", "cluster.interrupted", `Reading the room again: ${reason}`),
    });
    // Those who joined before the oldest event that is kept.
    for (const { name, id } of await keys.all()) {
      if (!room.#present.has(nameKey(name))) room.#present.set(nameKey(name), { name, id });
    }
    await room.#liveness.begin();
    return room;
  }

  get names(): readonly string[] {
    return [...this.#present.values()].map(({ name }) => name);
  }

  async join(requested: string, listener: RoomListener): Promise<Membership | Refusal> {
    let name: string;
    try {
      name = checkName(requested);
    } catch (error) {
      return { refused: "name-invalid", text: messageOf(error) };
    }
    if (this.#present.size >= this.#maxMembers) return refuse(name, "room-full");
    const local: Local = {
      name,
      id: crypto.randomUUID(),
      listener,
      events: 0,
      present: false,
      welcomed: Promise.withResolvers(),
    };
    this.#locals.set(local.id, local);
    try {
      if (!await this.#keys.take({ name, id: local.id, server: this.#server })) {
        this.#locals.delete(local.id);
        return refuse(name, "name-taken");
      }
      await this.#publish(local, { type: "joined", name, time: system.clock.now() });
      await inTime(local.welcomed.promise);
    } catch (error) {
      this.#locals.delete(local.id); // the name is given back at the next sign of life
      this.#log.record("warn", "cluster.unavailable", messageOf(error));
      return refuse(name, "unavailable");
    }
    return this.#membership(local);
  }

  /** Leaves the cluster: members at this server leave as `stopped`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#liveness[Symbol.asyncDispose]();
    await Promise.all([...this.#locals.values()].map((local) => this.#leave(local, "stopped")));
    await this.#keys.forget(this.#server).catch(() => {}); // the others notice by themselves
    await this.#events[Symbol.asyncDispose]();
  }

  #membership(local: Local): Membership {
    const speak = async (type: "said" | "acted", text: string) => {
      const checked = checkText(text);
      if (!this.#locals.has(local.id)) return;
      await this.#publish(local, { type, name: local.name, time: system.clock.now(), text: checked });
    };
    return {
      name: local.name,
      say: (text) => speak("said", text),
      act: (text) => speak("acted", text),
      leave: (reason = "left") => void this.#leave(local, reason),
    };
  }

  #publish(local: Local, event: SharedEvent): Promise<void> {
    return this.#events.publish({ id: local.id, event }, ++local.events);
  }

  /** Has a member leave. What fails is done again with the next sign of life. */
  async #leave(local: Local, reason: LeaveReason): Promise<void> {
    if (!this.#locals.delete(local.id)) return;
    try {
      await this.#publishLeft(local, reason, ++local.events);
      await this.#keys.release(local);
    } catch (error) {
      this.#log.record("warn", "cluster.unavailable", messageOf(error));
    }
  }

  async #publishLeft({ name, id }: { name: string; id: string }, reason: LeaveReason, number: number): Promise<void> {
    await this.#events.publish({ id, event: { type: "left", name, time: system.clock.now(), reason } }, number);
  }

  /** Takes the next event of the room. */
  #hear({ id, event }: MemberEvent, live: boolean): void {
    const key = nameKey(event.name);
    if (event.type === "left" && this.#present.get(key)?.id !== id) return; // told already, or of one before
    if (event.type === "joined") this.#present.set(key, { name: event.name, id });
    if (event.type === "left") this.#present.delete(key);
    const own = this.#locals.get(id);
    if (event.type === "joined" && own !== undefined) this.#welcome(own);
    if (live) {
      for (const local of this.#locals.values()) {
        if (local.present && !(event.type === "joined" && local === own)) this.#tell(local, event);
      }
    }
    if (event.type === "left" && own !== undefined) void this.#return(own);
    if (event.type !== "said" && event.type !== "acted") return;
    this.#texts.push(event);
    if (this.#texts.length > HISTORY) this.#texts.shift();
  }

  #welcome(local: Local): void {
    if (local.present) return; // it was away, and is back under its name
    local.present = true;
    local.welcomed.resolve();
    this.#tell(local, { type: "welcome", name: local.name, names: this.names });
    for (const text of this.#texts) this.#tell(local, text);
  }

  /** A member of this server was given up by the others while this server could not reach them: it takes its name again. */
  async #return(local: Local): Promise<void> {
    try {
      const { name, id } = local;
      if (await this.#keys.take({ name, id, server: this.#server })) {
        return await this.#publish(local, { type: "joined", name, time: system.clock.now() });
      }
      this.#tell(local, { type: "notice", text: `Somebody else is ${name} by now: join again under another name` });
    } catch (error) {
      this.#log.record("warn", "cluster.unavailable", messageOf(error));
    }
    this.#locals.delete(local.id);
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
    for (const local of this.#locals.values()) if (local.present) this.#tell(local, { type: "notice", text });
  }

  #tell(local: Local, event: Parameters<RoomListener>[0]): void {
    try {
      local.listener(event);
    } catch (error) {
      this.#log.record("error", "member.failed", messageOf(error));
    }
  }
}

/** Rejects with `timed-out` where a promise takes longer than a joining may. */
async function inTime(promise: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new EchopipeError("timed-out", `Cannot join: NATS has not told of it for ${WELCOME_MS / 1000} s`);
    timer = setTimeout(() => reject(error), WELCOME_MS);
  });
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
