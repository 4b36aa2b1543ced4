/**
 * A peer over TCP or TLS.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { EchopipeError } from "../errors.ts";
import { taken } from "../pipe/bytes.ts";
import type { Connection } from "../transport/connection.ts";
import { Pacing } from "./pacing.ts";
import type { Peer, PeerEvents, PeerSettings } from "./peer.ts";
import type { Script } from "./script.ts";

/** One-way writes that the system takes at once, until others have their turn. */
const MAX_WRITES = 64;
/** Messages are joined to one write up to this size, in bytes. */
const MAX_WRITE = 256 * 1024;

/** A position in a script: a byte, and the message that it belongs to. */
interface Place {
  at: number;
  message: number;
}

/**
 * Sends a script over a connection, and compares what comes back, byte for byte, where it stands in the buffer of the
 * read. A byte that differs damages the message that it stands for; those after it are compared at their own positions.
 */
export class StreamPeer implements Peer {
  readonly #connection: Connection;
  readonly #script: Script;
  readonly #events: PeerEvents;
  readonly #oneWay: boolean;
  readonly #pacing: Pacing;
  readonly #sending: Place;
  readonly #receiving: Place;
  #damaged = false;
  #writing = false;
  #over = false;
  #received = false;

  /** Takes ownership of the connection. */
  constructor(connection: Connection, script: Script, settings: PeerSettings, events: PeerEvents) {
    this.#connection = connection;
    this.#script = script;
    this.#events = events;
    this.#oneWay = settings.oneWay;
    this.#pacing = new Pacing(settings.window, settings.step);
    const message = settings.first % script.ends.length;
    this.#sending = { message, at: script.startOf(message) };
    this.#receiving = { ...this.#sending };
    void this.#read();
  }

  get unanswered(): number {
    return this.#pacing.unanswered;
  }

  get isOver(): boolean {
    return this.#over;
  }

  allow(due?: number): void {
    this.#pacing.allow(due);
    if (!this.#writing) this.#send();
  }

  allowAll(): void {
    this.#pacing.allowAll();
    this.#send();
  }

  stop(): void {
    this.#pacing.stop();
  }

  async close(): Promise<void> {
    this.#over = true;
    await this.#connection.finish();
  }

  abort(): void {
    this.#over = true;
    this.#connection.abort();
  }

  #send(): void {
    for (let writes = 1, ready; !this.#writing && !this.#over && (ready = this.#pacing.ready) > 0; writes++) {
      const run = this.#run(ready);
      const written = this.#connection.write(run);
      this.#writing = written !== taken || this.#oneWay && writes === MAX_WRITES;
      if (this.#writing) return void this.#sendOn(written, run.length);
      if (this.#oneWay) this.#advance(run.length, performance.now());
    }
  }

  /** The bytes of as many whole messages as fit into one write, at least one and at most `ready`. */
  #run(ready: number): Uint8Array {
    const { bytes, ends } = this.#script;
    const { at, message } = this.#sending;
    let last = message;
    while (last + 1 < ends.length && last + 1 - message < ready && ends[last + 1] - at <= MAX_WRITE) last++;
    const end = ends[last];
    this.#sending.message = last + 1 === ends.length ? 0 : last + 1;
    this.#sending.at = end === bytes.length ? 0 : end;
    this.#pacing.send(last + 1 - message, performance.now());
    return bytes.subarray(at, end);
  }

  async #sendOn(written: Promise<void>, bytes: number): Promise<void> {
    try {
      await written;
      if (written === taken) await new Promise((resume) => setImmediate(resume));
    } catch (error) {
      return this.#fail(error);
    }
    this.#writing = false;
    if (this.#oneWay) this.#advance(bytes, performance.now());
    this.#send();
  }

  async #read(): Promise<void> {
    try {
      const subscription = this.#connection.subscribe?.((bytes) => {
        this.#take(bytes);
        this.#connection.release();
      });
      if (subscription !== undefined) await subscription.ended;
      else {
        for (let bytes; (bytes = await this.#connection.read()) !== null;) {
          this.#take(bytes);
          this.#connection.release();
        }
      }
      this.#fail(new EchopipeError("ended", "The server has ended the connection"));
    } catch (error) {
      this.#fail(error);
    }
  }

  readonly #fail = (error: unknown) => {
    if (this.#over) return;
    this.abort();
    this.#events.failed(error);
  };

  #take(bytes: Uint8Array): void {
    if (this.#oneWay || this.#over) return;
    const now = performance.now();
    if (!this.#received) {
      this.#received = true;
      this.#events.firstByte(now - this.#pacing.firstSent);
    }
    const { bytes: expected } = this.#script;
    for (let from = 0; from < bytes.length;) {
      if (this.#pacing.answered >= this.#pacing.sent) return this.#tooMuch(bytes.length - from);
      const { at } = this.#receiving;
      const length = Math.min(bytes.length - from, expected.length - at);
      // One comparison for all messages of the read; message by message only where a byte differs.
      const same = expected.compare(bytes, from, from + length, at, at + length) === 0;
      this.#advance(length, now, same ? undefined : bytes, from);
      from += length;
    }
    this.#send();
  }

  /** Moves on in what is expected; `differing`: bytes among which some differ, from that position on. */
  #advance(length: number, now: number, differing?: Uint8Array, from = 0): void {
    const place = this.#receiving;
    const { bytes: expected, ends } = this.#script;
    for (const end = place.at + length; place.at < end;) {
      if (this.#pacing.answered >= this.#pacing.sent) return this.#tooMuch(end - place.at);
      const messageEnd = ends[place.message];
      const part = Math.min(end, messageEnd);
      if (differing !== undefined) {
        const size = part - place.at;
        this.#damaged ||= expected.compare(differing, from, from + size, place.at, part) !== 0;
        from += size;
      }
      place.at = part;
      if (part < messageEnd) break;
      const { due, answered } = this.#pacing;
      this.#events.answered(answered, due, now, messageEnd - this.#script.startOf(place.message), !this.#damaged);
      this.#pacing.answered++;
      this.#damaged = false;
      place.message = place.message + 1 === ends.length ? 0 : place.message + 1;
    }
    if (place.at === expected.length) place.at = 0;
  }

  #tooMuch(bytes: number): void {
    this.#fail(new EchopipeError("protocol", `Cannot use the echo: ${bytes} bytes more than were sent`));
  }
}
