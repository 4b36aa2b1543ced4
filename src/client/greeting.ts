/**
 * The client's side of the control messages.
 *
 * @module
 */
import { EchopipeError, messageOf } from "../errors.ts";
import { message } from "../framing/message.ts";
import type { Chunk } from "../framing/chunk.ts";
import {
  type Ask,
  type Control,
  CONTROL_VERSION,
  controlChunk,
  parseControl,
  type Welcome,
} from "../access/control.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { printable } from "../printable.ts";
import type { Connection } from "../transport/connection.ts";
import { joinSmall } from "../pipe/join_small.ts";

/** What a client can say for itself. */
export interface Introduction {
  /** The token of an earlier session. */
  readonly token?: string;
  /** Answers what the server asks; undefined: nobody can. */
  readonly answer?: (ask: Ask) => Promise<string | undefined>;
  /** Called when the server has admitted the client. */
  readonly welcomed?: (welcome: Welcome) => void | Promise<void>;
  /** Called when the server refuses something to a client that it has admitted. */
  readonly refused?: (text: string) => void;
  /** Called when the server says why it ends the connection. */
  readonly farewell?: (text: string) => void;
}

/**
 * Says hello, answers what the server asks, and takes control messages out of what comes. A server that knows no control
 * messages, and so echoes the hello, is taken as one that admits everyone.
 */
export class Greeting extends Stage<Chunk, Chunk> {
  /** Whether the server has admitted the client. */
  done: boolean;
  /** Why it has not. */
  refusal: EchopipeError | undefined;
  readonly #introduction: Introduction;
  readonly #admitted = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  /** What was said last: a server can ask before the system has reported that it took the hello. */
  #said: Promise<void> = Promise.resolve();
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `speaks`: whether the framing carries control messages; without them everyone is admitted. */
  constructor(speaks: boolean, introduction: Introduction = {}) {
    super();
    this.done = !speaks;
    this.#introduction = introduction;
    this.#admitted.promise.catch(() => {}); // whoever greets hears of it
  }

  /**
   * Says hello; resolves when the server has admitted the client. A login may take as long as a person takes; only the
   * server's first word must come within `timeoutMs`.
   *
   * @throws {EchopipeError} `refused` if it does not admit it, `timed-out` if it says nothing
   */
  async greet(connection: Connection, timeoutMs = 30_000): Promise<void> {
    if (this.done) return;
    this.#connection = connection;
    this.#silence = setTimeout(() => {
      const silent = `Cannot use the server: it has not answered the hello for ${timeoutMs / 1000} s`;
      this.#admitted.reject(new EchopipeError("timed-out", silent));
    }, timeoutMs);
    this.#admitted.promise.finally(() => clearTimeout(this.#silence)).catch(() => {}); // told to the caller below
    const { token } = this.#introduction;
    await this.#say({ type: "hello", version: CONTROL_VERSION, ...(token !== undefined && { token }) });
    await this.#admitted.promise;
  }

  push(chunk: Chunk, out: Output<Chunk>): void | Promise<void> {
    if (this.#silence !== undefined) {
      clearTimeout(this.#silence);
      this.#silence = undefined;
    }
    if (chunk.kind !== "control") return out.push(chunk);
    const control = parseControl(chunk.bytes);
    if (control !== undefined) return this.#hear(control);
  }

  override end(): void {
    this.#leftAlone("it ended the connection");
  }

  override cancel(reason?: unknown): void {
    this.#leftAlone(`the connection failed (${messageOf(reason)})`);
  }

  async #hear(control: Control): Promise<void> {
    switch (control.type) {
      case "welcome":
        await this.#introduction.welcomed?.(control);
        this.#admit();
        break;
      case "hello": // our own, from a server that echoes all it gets
        this.#admit();
        break;
      case "ask": {
        if (this.done) break; // by now the connection is written to by others: two writers would mix their messages
        const value = await this.#answer(control);
        if (value === undefined) {
          return this.#refuse(`it asks for a ${control.field}, and nobody can answer: ${printable(control.text)}`);
        }
        await this.#say({ type: "answer", field: control.field, value });
        break;
      }
      case "refused":
        this.#refuse(printable(control.text) + (control.retry_after_s ? ` (again in ${control.retry_after_s} s)` : ""));
        break;
      case "bye":
        this.#introduction.farewell?.(printable(control.text));
        break;
      default: // what only clients say
    }
  }

  async #answer(ask: Ask): Promise<string | undefined> {
    try {
      return await this.#introduction.answer?.({ ...ask, text: printable(ask.text) });
    } catch (error) {
      this.#admitted.reject(error); // whoever greets hears of it, not only whoever reads
      throw error;
    }
  }

  #admit(): void {
    this.done = true;
    this.#admitted.resolve();
  }

  /** The server is gone without a word of why: that is no refusal. */
  #leftAlone(why: string): void {
    if (this.done || this.refusal) return;
    this.#admitted.reject(new EchopipeError("ended", `Cannot use the server: ${why} before it admitted this client`));
  }

  #refuse(why: string): void {
    if (this.done) return this.#introduction.refused?.(why);
    if (this.refusal) return;
    this.refusal = new EchopipeError("refused", `Cannot use the server: ${why}`);
    this.#admitted.reject(this.refusal);
  }

  #say(control: Control): Promise<void> {
    const saying = this.#said.then(async () => {
      const encoded = await Array.fromAsync(message().encoder.over([controlChunk(control)]));
      for (const bytes of joinSmall(encoded)) await this.#connection!.write(bytes);
    });
    this.#said = saying.catch(() => {}); // whoever says it hears of it
    return saying;
  }
}
