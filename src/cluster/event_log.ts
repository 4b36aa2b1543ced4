/**
 * The stream of a room's events: one order for all servers.
 *
 * @module
 */
import { AckPolicy, type Consumer, DeliverPolicy, type StreamInfo } from "@nats-io/jetstream";
import { EchopipeError, messageOf } from "../errors.ts";
import { type Nats, REQUEST_MS, RETRY_MS } from "./nats.ts";
import { formatEvent, type MemberEvent, parseEvent } from "./room_events.ts";

const STREAM = "echopipe-room";
const SUBJECT = "echopipe.room";
/** Events that NATS keeps: those who join are told the last texts of them. */
const MAX_EVENTS = 10_000;
/** NATS recognises a repeated publication for so long, in milliseconds. */
const DUPLICATES_MS = 120_000;
/** A publication without an answer is tried so often. */
const MAX_TRIES = 3;
/** NATS forgets a consumer that has not asked for so long, in milliseconds. */
const CONSUMER_MS = 30_000;
/** Time for the events that are there to be read at the start, in milliseconds. */
const LOAD_MS = 10_000;

/** Takes the events of a room in their order. */
export interface EventReader {
  /** Called for each event. */
  read(event: MemberEvent): void;
  /** Called where events cannot be read any more: NATS has dropped them before this server has read them. */
  missed(count: number): void;
  /** Called where the log begins anew: NATS has lost it. Everything that was read before is void. */
  restarted(): void;
  /** Called when reading fails and is going to be tried again, once for each time. */
  interrupted(reason: string): void;
}

/** The events of a room, written and read. */
export class EventLog implements AsyncDisposable {
  readonly #nats: Nats;
  readonly #reader: EventReader;
  /** The number of the event that was read last; undefined: none yet. */
  #last: number | undefined;
  /** The time at which the stream was made: one that was made again is another. */
  #made: string | undefined;
  #closed = false;
  #interrupted = false;
  #stop: () => void = () => {};
  #reading: Promise<void> = Promise.resolve();
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly #unfollow: () => void;

  private constructor(nats: Nats, reader: EventReader) {
    this.#nats = nats;
    this.#reader = reader;
    this.#unfollow = nats.onChange(() => this.#stop()); // the consumer may be gone, or the stream another
  }

  /** Opens the log, and reads what it holds. Rejects with `timed-out` or `io` where NATS does not answer. */
  static async open(nats: Nats, reader: EventReader): Promise<EventLog> {
    const log = new EventLog(nats, reader);
    log.#reading = log.#read();
    const message = `Cannot read the room of the cluster: it took over ${LOAD_MS} ms`;
    const timer = setTimeout(() => log.#caughtUp.reject(new EchopipeError("timed-out", message)), LOAD_MS);
    try {
      await log.#caughtUp.promise;
    } catch (error) {
      await log[Symbol.asyncDispose]();
      throw error;
    } finally {
      clearTimeout(timer);
    }
    return log;
  }

  /**
   * Publishes an event; resolves when NATS has it. Without an answer it is not known if NATS has it, so it is published
   * again under the same id, and NATS recognises the second.
   *
   * @throws {EchopipeError} `io`; `timed-out`: it is still not known
   */
  async publish(event: MemberEvent): Promise<void> {
    const options = { msgID: crypto.randomUUID(), timeout: REQUEST_MS };
    for (let tries = 1;; tries++) {
      try {
        await this.#nats.call(
          "tell the other servers",
          () => this.#nats.stream.publish(SUBJECT, formatEvent(event), options),
        );
        return;
      } catch (error) {
        if (tries === MAX_TRIES || this.#closed || !this.#nats.connected) throw error;
      }
    }
  }

  /** Stops reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#unfollow();
    this.#stop();
    await this.#reading;
  }

  /** Reads for ever; where a consumer is lost, a new one goes on behind the event that was read last. */
  async #read(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#consume();
      } catch (error) {
        if (this.#closed) return;
        this.#caughtUp.reject(error);
        if (!this.#interrupted) this.#reader.interrupted(messageOf(error));
        this.#interrupted = true;
      }
      if (!this.#closed) await new Promise((resume) => setTimeout(resume, RETRY_MS));
    }
  }

  async #consume(): Promise<void> {
    const { consumer, before } = await this.#nats.call("read the room of the cluster", () => this.#makeConsumer());
    try {
      const messages = await consumer.consume({ abort_on_missing_resource: true });
      this.#stop = () => messages.stop();
      if (this.#closed || !this.#nats.connected) messages.stop();
      this.#interrupted = false;
      const last = this.#last!;
      if (last >= before) this.#caughtUp.resolve();
      for await (const { seq, data } of messages) this.#take(seq, data, before);
    } finally {
      if (this.#nats.connected) await consumer.delete().catch(() => {}); // NATS forgets it by itself
    }
  }

  #take(seq: number, data: Uint8Array, before: number): void {
    if (seq <= this.#last!) return;
    if (seq > this.#last! + 1) this.#reader.missed(seq - this.#last! - 1);
    this.#last = seq;
    const event = parseEvent(data);
    if (event !== undefined) this.#reader.read(event);
    if (seq >= before) this.#caughtUp.resolve();
  }

  /** Makes a consumer that begins behind the last event; `before` is the number of the newest event that is there. */
  async #makeConsumer(): Promise<{ consumer: Consumer; before: number }> {
    const { state, created } = await this.#openStream();
    if (this.#made !== created) {
      if (this.#made !== undefined) this.#reader.restarted();
      this.#made = created;
      this.#last = Math.max(state.first_seq - 1, 0);
    }
    if (state.last_seq < this.#last!) {
      this.#reader.interrupted(`NATS has lost the last ${this.#last! - state.last_seq} events of the room`);
      this.#last = state.last_seq;
    }
    const name = `server-${crypto.randomUUID()}`;
    await this.#nats.manager.consumers.add(STREAM, {
      name,
      ack_policy: AckPolicy.None,
      filter_subject: SUBJECT,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: this.#last! + 1,
      inactive_threshold: CONSUMER_MS * 1e6,
    });
    return { consumer: await this.#nats.stream.consumers.get(STREAM, name), before: state.last_seq };
  }

  /** The stream; it is made if there is none. An administrator may have made it otherwise: with replicas, say. */
  async #openStream(): Promise<StreamInfo> {
    const { streams } = this.#nats.manager;
    try {
      return await streams.info(STREAM);
    } catch {
      return await streams.add({
        name: STREAM,
        subjects: [SUBJECT],
        max_msgs: MAX_EVENTS,
        duplicate_window: DUPLICATES_MS * 1e6,
      });
    }
  }
}
