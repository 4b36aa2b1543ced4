/**
 * The stream of a room's events: one order for all servers.
 *
 * @module
 */
import { AckPolicy, type Consumer, DeliverPolicy, type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { messageOf } from "../errors.ts";
import { type Nats, natsCall, REQUEST_MS } from "./nats.ts";
import { formatEvent, type MemberEvent, parseEvent } from "./room_events.ts";

const STREAM = "echopipe-room";
const SUBJECT = "echopipe.room";
/** Events that NATS keeps: those who join are told the last texts of them. */
const MAX_EVENTS = 10_000;
/** A publication that is not acknowledged is repeated, and recognised as the same for so long, in milliseconds. */
const DUPLICATES_MS = 120_000;
/** So often. */
const MAX_TRIES = 3;
/** NATS forgets a consumer that has not asked for so long, in milliseconds. */
const CONSUMER_MS = 30_000;
/** Delay before reading is tried again, in milliseconds. */
const RETRY_MS = 250;

/** Takes the events of a room in their order. */
export interface EventReader {
  /** Called for each event; `live` is false for those from before the log was opened. */
  read(event: MemberEvent, live: boolean): void;
  /** Called when reading fails, and is going to be tried again. */
  interrupted(reason: string): void;
}

/** The events of a room, written and read. */
export class EventLog implements AsyncDisposable {
  readonly #nats: Nats;
  readonly #manager: JetStreamManager;
  readonly #reader: EventReader;
  /** The number of the last event before the log was opened. */
  readonly #before: number;
  /** The number of the event that was read last. */
  #last: number;
  #closed = false;
  #stop: () => void = () => {};
  #reading: Promise<void> = Promise.resolve();
  readonly #caughtUp = Promise.withResolvers<void>();

  private constructor(nats: Nats, manager: JetStreamManager, reader: EventReader, first: number, last: number) {
    this.#nats = nats;
    this.#manager = manager;
    this.#reader = reader;
    this.#before = last;
    this.#last = Math.max(first - 1, 0);
  }

  /** Opens the log, and reads what it holds. Rejects with `timed-out` or `io` where NATS does not answer. */
  static async open(nats: Nats, reader: EventReader): Promise<EventLog> {
    return await natsCall("read the room of the cluster", async () => {
      const manager = await jetstreamManager(nats.connection, { timeout: REQUEST_MS });
      const { state } = await manager.streams.add({
        name: STREAM,
        subjects: [SUBJECT],
        max_msgs: MAX_EVENTS,
        duplicate_window: DUPLICATES_MS * 1e6,
      });
      const log = new EventLog(nats, manager, reader, state.first_seq, state.last_seq);
      if (state.messages === 0) log.#caughtUp.resolve();
      log.#reading = log.#read();
      await log.#caughtUp.promise;
      return log;
    });
  }

  /**
   * Publishes an event; resolves when NATS has it. `number` is that of the event among those of its membership: without an
   * answer it is not known if NATS has it, so it is published again, and NATS recognises the second.
   */
  async publish(event: MemberEvent, number: number): Promise<void> {
    for (let tries = 1;; tries++) {
      try {
        await this.#nats.stream.publish(SUBJECT, formatEvent(event), {
          msgID: `${event.id}-${number}`,
          timeout: REQUEST_MS,
        });
        return;
      } catch (error) {
        if (tries < MAX_TRIES && !this.#closed) continue;
        return await natsCall("tell the other servers", () => Promise.reject(error));
      }
    }
  }

  /** Stops reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#stop();
    await this.#reading;
  }

  /** Reads for ever; where a consumer is lost, a new one goes on behind the event that was read last. */
  async #read(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#consume(await this.#makeConsumer());
      } catch (error) {
        if (this.#closed) return;
        this.#reader.interrupted(messageOf(error));
        await new Promise((resume) => setTimeout(resume, RETRY_MS));
      }
    }
  }

  async #makeConsumer(): Promise<Consumer> {
    const name = `server-${crypto.randomUUID()}`;
    await this.#manager.consumers.add(STREAM, {
      name,
      ack_policy: AckPolicy.None,
      filter_subject: SUBJECT,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.#last + 1,
      inactive_threshold: CONSUMER_MS * 1e6,
    });
    return await this.#nats.stream.consumers.get(STREAM, name);
  }

  async #consume(consumer: Consumer): Promise<void> {
    const messages = await consumer.consume({ abort_on_missing_resource: true });
    this.#stop = () => messages.stop();
    if (this.#closed) this.#stop();
    for await (const { seq, data } of messages) {
      if (seq <= this.#last) continue;
      this.#last = seq;
      const event = parseEvent(data);
      if (event !== undefined) this.#reader.read(event, seq > this.#before);
      if (seq >= this.#before) this.#caughtUp.resolve();
    }
  }
}
