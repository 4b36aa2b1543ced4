/**
 * A dialogue with a server: lines sent, answers received.
 *
 * @module
 */
import { Chunk } from "../framing/chunk.ts";
import { pipeline } from "../stage/pipeline.ts";
import { type Output, Stage } from "../stage/stage.ts";
import type { Connection } from "../transport/connection.ts";
import { pipe } from "../pipe/pipe.ts";
import { type ClientFraming, decoderOf, framingOf } from "./framing.ts";
import { Greeting, type Introduction } from "./greeting.ts";

/** Callbacks of a {@linkcode Dialogue}. */
export interface DialogueEvents extends Introduction {
  /** Called with received bytes; `last`: they end a message or line. */
  received(bytes: Uint8Array, last: boolean): void;
}

/** Reports chunks, and passes none on. */
class Report extends Stage<Chunk, Uint8Array> {
  readonly #events: DialogueEvents;

  constructor(events: DialogueEvents) {
    super();
    this.#events = events;
  }

  push(chunk: Chunk, _out: Output<Uint8Array>): void {
    this.#events.received(chunk.bytes, chunk.last);
  }
}

/** A client's dialogue over one connection. */
export class Dialogue {
  readonly #connection: Connection;
  readonly #framing: ClientFraming;
  readonly #greeting: Greeting;
  /** Resolves when the server has ended the connection; rejects with what ended it otherwise. */
  readonly ended: Promise<void>;

  /** Starts receiving. */
  constructor(connection: Connection, framing: ClientFraming, events: DialogueEvents) {
    this.#connection = connection;
    this.#framing = framing;
    this.#greeting = new Greeting(framing === "message", events);
    const nowhere = { write: () => Promise.resolve(), endWrite: () => Promise.resolve(), abort() {} };
    const stages = pipeline(decoderOf(framing), this.#greeting, new Report(events));
    this.ended = pipe(connection, stages, nowhere, { preventCancel: true });
    this.ended.catch(() => {}); // reported to those who await it
  }

  /** Says hello; resolves when the server has admitted the client. Throws `refused` if it does not. */
  greet(timeoutMs?: number): Promise<void> {
    return this.#greeting.greet(this.#connection, timeoutMs);
  }

  /** Sends a line as a text message, or with a newline. Resolves with the number of its bytes once they are written. */
  async send(line: string): Promise<number> {
    const text = this.#framing === "message" ? line : `${line}\n`;
    const chunk = Chunk.text(text);
    for await (const bytes of framingOf(this.#framing).encoder.over([chunk])) await this.#connection.write(bytes);
    return chunk.length;
  }

  /** Has the server revoke the token of this session, and end the connection. */
  logOut(): Promise<void> {
    return this.#greeting.logOut();
  }

  /** Ends the sending direction: what was sent still comes back, then {@linkcode Dialogue.ended} resolves. */
  end(): Promise<void> {
    return this.#connection.endWrite();
  }
}
