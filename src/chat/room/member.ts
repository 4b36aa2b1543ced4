/**
 * The stage that makes a member of a stream of requests.
 *
 * @module
 */
import { messageOf } from "../../errors.ts";
import { type Output, Stage } from "../../stage/stage.ts";
import { type Clock, system } from "../environment.ts";
import { Bucket, type Rate } from "../../rate.ts";
import type { LeaveReason, RoomEvent, RoomRequest } from "./events.ts";
import type { ChatRoom, Membership, Refusal } from "./room.ts";

/** Rate at which a member may speak. */
export const SPEECH: Rate = { perSecond: 20, atOnce: 40 };

/** Options of {@linkcode Member}. */
export interface MemberOptions {
  /** Most events that may wait for a member who reads slowly, before it leaves the room. Default 1024. */
  readonly queue?: number;
  /** Makes a member who asks for too much wait, as `SPEECH` says. Default true. */
  readonly paced?: boolean;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** Input of {@linkcode Member}: requests, and notices for the member itself, which come back in their turn. */
export type MemberRequest = RoomRequest | Extract<RoomEvent, { type: "notice" }>;

/**
 * One member of a room, as a stage: requests in, events out, events also while no request comes. It joins at the first
 * `join`; the end of the stream, and its failure, are its leave. `bye` is the last event.
 */
export class Member extends Stage<MemberRequest, RoomEvent> {
  readonly #room: ChatRoom;
  readonly #queue: number;
  readonly #clock: Clock;
  readonly #bucket: Bucket | undefined;
  #outbox: Outbox<RoomEvent> | undefined;
  #membership: Membership | undefined;
  #gone = false;

  constructor(room: ChatRoom, { queue = 1024, paced = true, clock = system.clock }: MemberOptions = {}) {
    super();
    this.#room = room;
    this.#queue = queue;
    this.#clock = clock;
    this.#bucket = paced ? new Bucket(SPEECH, clock.now()) : undefined;
  }

  /** The name, once joined. */
  get name(): string | undefined {
    return this.#membership?.name;
  }

  override start(out: Output<RoomEvent>): void {
    this.#outbox = new Outbox(out, this.#queue, () => this.leave("behind"));
  }

  push(request: MemberRequest): void | Promise<void> {
    const now = this.#clock.now();
    if (this.#bucket === undefined || this.#bucket.take(1, now)) return this.#do(request);
    return this.#later(request, this.#bucket.wait(1, now));
  }

  override end(): void | Promise<void> {
    this.leave("left");
    return this.#outbox?.drained();
  }

  override cancel(): void {
    this.leave("lost");
    this.#outbox?.close();
  }

  /** Leaves the room, if it is in it; the last event, `bye`, says why. */
  leave(reason: LeaveReason): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#membership?.leave(reason);
    this.#outbox?.addLast({ type: "bye", reason });
  }

  async #later(request: MemberRequest, ms: number): Promise<void> {
    await new Promise<void>((resume) => this.#clock.timer(ms, resume));
    this.#bucket?.take(1, this.#clock.now());
    await this.#do(request);
  }

  #do(request: MemberRequest): void | Promise<void> {
    if (this.#gone) return;
    if (request.type === "leave") return this.leave("left");
    if (request.type === "notice") return this.#outbox?.add(request);
    if (request.type === "join") return this.#join(request.name);
    if (this.#membership === undefined) return this.#notice("Cannot do that yet: join first");
    if (request.type === "who") return this.#outbox?.add({ type: "members", names: this.#room.names });
    try {
      const { text } = request;
      const said = request.type === "say" ? this.#membership.say(text) : this.#membership.act(text);
      return said?.catch((error) => this.#notice(messageOf(error)));
    } catch (error) {
      this.#notice(messageOf(error));
    }
  }

  #join(name: string): void | Promise<void> {
    if (this.#membership !== undefined) return this.#notice("Cannot join twice");
    // What the room tells while it joins is for a member that this is about to be.
    const joined = this.#room.join(
      name,
      (event) => event.type === "bye" ? this.leave(event.reason) : this.#outbox?.add(event),
    );
    return joined instanceof Promise ? joined.then((joined) => this.#joined(joined)) : this.#joined(joined);
  }

  #joined(joined: Membership | Refusal): void {
    if ("refused" in joined) this.#outbox?.add({ type: "refused", reason: joined.refused, text: joined.text });
    else if (this.#gone) joined.leave("lost"); // it left while it joined
    else this.#membership = joined;
  }

  #notice(text: string): void {
    this.#outbox?.add({ type: "notice", text });
  }
}

/**
 * Passes items on as fast as the consumer takes them, also while no input comes; what comes faster waits, up to a limit.
 * At the limit `overflow` is called once, all that waits is dropped, and nothing but a last item is taken any more: who
 * reads too slowly is left behind, and keeps nobody else waiting.
 */
export class Outbox<T> {
  readonly #out: Output<T>;
  readonly #most: number;
  readonly #overflow: () => void;
  readonly #waiting: T[] = [];
  #busy = false;
  #full = false;
  #closed = false;
  #drained: PromiseWithResolvers<void> | undefined;

  /** Makes an outbox for at most so many waiting items. */
  constructor(out: Output<T>, most: number, overflow: () => void) {
    this.#out = out;
    this.#most = most;
    this.#overflow = overflow;
  }

  /** Takes an item. Never throws and never waits. */
  add(item: T): void {
    if (this.#closed || this.#full) return;
    if (!this.#busy) {
      this.#out.push(item);
      this.#send();
    } else if (this.#waiting.length < this.#most) {
      this.#waiting.push(item);
    } else {
      this.#full = true;
      this.#waiting.length = 0;
      this.#overflow();
    }
  }

  /** Takes the last item: what is added later is dropped. */
  addLast(item: T): void {
    if (this.#closed) return;
    this.#full = false;
    this.add(item);
    this.#closed = true;
  }

  /** Resolves when nothing waits any more; undefined if so already. */
  drained(): Promise<void> | undefined {
    return this.#busy ? (this.#drained ??= Promise.withResolvers()).promise : undefined;
  }

  /** Drops all that waits and all that is added later. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#drained?.resolve();
  }

  #send(): void {
    const pending = this.#out.flush();
    if (pending === undefined) return;
    this.#busy = true;
    pending.then(() => {
      this.#busy = false;
      if (this.#waiting.length === 0) return this.#drained?.resolve();
      for (const item of this.#waiting.splice(0)) this.#out.push(item);
      this.#send();
    }, () => this.close()); // the connection failed: whoever runs its stages reports that
  }
}
