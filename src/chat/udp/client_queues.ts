/**
 * Queues of a client: events that its user has not yet read, requests that the server has not yet acknowledged.
 *
 * @module
 */
import type { ClientEvent } from "../room/events.ts";
import { EchopipeError } from "../../errors.ts";
import type { Channel } from "./channel.ts";
import { encodeRequest, type EventRecord, type RequestRecord } from "./records.ts";

/** Most events that wait to be read; beyond it the client takes no more data, and the server holds back. */
const MAX_EVENTS = 1024;

/** Number of texts that are known again when the server tells the last ones at the next joining. */
const MAX_SEEN = 256;

/** Said to whoever had to join anew. */
const JOINED_AGAIN = "Joined anew; what was said meanwhile follows, as far as the server has kept it";

/** Records to events, in a stream with a limit. */
export class EventQueue {
  readonly events: ReadableStream<ClientEvent>;
  #controller!: ReadableStreamDefaultController<ClientEvent>;
  /** The stream has ended, or nobody reads it any more. */
  #over = false;
  /** The names of a list that comes in several records, and whose welcome it belongs to. */
  #names: string[] = [];
  #welcome: string | undefined;
  #welcomed = false;
  /** The last texts, each with its time and name; and those of them that came before the last joining. */
  readonly #seen = new Set<string>();
  #before: ReadonlySet<string> = new Set();
  /** Questions who is there that are not yet answered. */
  readonly #questions: PromiseWithResolvers<readonly string[]>[] = [];

  constructor() {
    this.events = new ReadableStream<ClientEvent>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => void (this.#over = true), // the client may still speak
    }, { highWaterMark: MAX_EVENTS });
  }

  /** No more should be taken for now. */
  get full(): boolean {
    return !this.#over && (this.#controller.desiredSize ?? 0) <= 0;
  }

  /** Adds an event. */
  add(event: ClientEvent): void {
    if (!this.#over) this.#controller.enqueue(event);
  }

  /** Takes what the server told. */
  take(record: EventRecord): void {
    if (record.type === "welcome") this.#welcome = record.name;
    else if (record.type !== "members") {
      if (record.type !== "said" && record.type !== "acted" || this.#isNew(record)) this.add(record);
    } else {
      this.#names.push(...record.names);
      if (!record.more) this.#endList();
    }
  }

  /** A new session begins: what came in part is dropped. */
  restart(): void {
    this.#names = [];
    this.#welcome = undefined;
  }

  /** The next list of members. */
  async nextList(): Promise<readonly string[]> {
    const question = Promise.withResolvers<readonly string[]>();
    this.#questions.push(question);
    return await question.promise;
  }

  /** Ends the stream, after what was told. */
  end(reason: unknown): void {
    for (const { reject } of this.#questions.splice(0)) reject(reason);
    if (this.#over) return;
    this.#over = true;
    this.#controller.close();
  }

  /** Tells if a text did not come before the last joining: the same time, name and words. */
  #isNew({ type, time, name, text }: Extract<EventRecord, { type: "said" | "acted" }>): boolean {
    const key = JSON.stringify([type, time, name, text]);
    if (this.#before.has(key)) return false;
    this.#seen.add(key);
    if (this.#seen.size > MAX_SEEN) this.#seen.delete(this.#seen.values().next().value!);
    return true;
  }

  #endList(): void {
    const names = this.#names;
    const name = this.#welcome;
    this.restart();
    this.add(name === undefined ? { type: "members", names } : { type: "welcome", name, names });
    if (name !== undefined && this.#welcomed) this.add({ type: "notice", text: JOINED_AGAIN });
    this.#welcomed ||= name !== undefined;
    if (name !== undefined) this.#before = new Set(this.#seen);
    for (const { resolve } of this.#questions.splice(0)) resolve(names);
  }
}

/** Most requests that may wait for their acknowledgement. */
export const MAX_UNACKED = 1024;

interface Entry {
  readonly record: Uint8Array;
  readonly arrived: PromiseWithResolvers<void>;
}

/** Requests in the order they were made; they outlive the session that they were first sent in. */
export class UnackedRequests {
  readonly #entries = new Set<Entry>();
  readonly #client: Uint8Array;
  /** The number of the first that waits, from 1: they are acknowledged in order. */
  #first = 1;
  /** The channel on which the server knows from which number on requests come: what it took before it skips. */
  #channel: Channel | undefined;

  /** `client`: random bytes, by which the server knows this client again in its next session. */
  constructor(client: Uint8Array) {
    this.#client = client;
  }

  /**
   * Adds a request and gives it to the channel, if there is one; resolves when it is acknowledged.
   *
   * @throws {EchopipeError} `too-large` if 1,024 wait already
   */
  async add(request: RequestRecord, channel: Channel | undefined): Promise<void> {
    if (this.#entries.size >= MAX_UNACKED) {
      throw new EchopipeError("too-large", `Cannot send more: ${MAX_UNACKED} messages wait already, the limit`, {
        limit: MAX_UNACKED,
      });
    }
    const entry = { record: encodeRequest(request), arrived: Promise.withResolvers<void>() };
    this.#entries.add(entry);
    if (channel !== undefined) this.#send(entry, channel);
    await entry.arrived.promise;
  }

  /** Gives all that waits to a new channel. */
  sendAll(channel: Channel): void {
    for (const entry of this.#entries) this.#send(entry, channel);
  }

  /** Gives all that waits up. */
  fail(reason: unknown): void {
    for (const { arrived } of this.#entries) arrived.reject(reason);
    this.#entries.clear();
  }

  #send(entry: Entry, channel: Channel): void {
    if (channel !== this.#channel) {
      this.#channel = channel;
      channel.send(encodeRequest({ type: "resume", client: this.#client, next: this.#first }));
    }
    channel.send(entry.record, () => {
      this.#entries.delete(entry);
      this.#first++;
      entry.arrived.resolve();
    });
  }
}
