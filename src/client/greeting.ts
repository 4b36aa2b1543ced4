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

/** The client's part of a login, and callbacks for control messages. */
export interface Introduction {
  /** Token of an earlier session. */
  readonly token?: string;
  /** Answers a question of the server; undefined: there is no answer. */
  readonly answer?: (ask: Ask) => Promise<string | undefined>;
  /** Called when the server has admitted the client. */
  readonly welcomed?: (welcome: Welcome) => void | Promise<void>;
  /** Called when the server refuses something to a client that it has admitted. */
  readonly refused?: (text: string) => void;
  /** Called with the server's reason for ending the connection. */
  readonly farewell?: (text: string) => void;
}

/**
 * A stage that says hello, answers the server's questions, and removes control messages from the stream. A server without
 * control messages echoes the hello: that counts as admission.
 */
export class Greeting extends Stage<Chunk, Chunk> {
  /** True once the server has admitted the client. */
  done: boolean;
  /** The server's refusal. */
  refusal: EchopipeError | undefined;
  readonly #introduction: Introduction;
  readonly #admitted = Promise.withResolvers<void>();
  #connection: Connection | undefined;
  /** The last write: a question may arrive before the write of the hello is reported as done. */
  #written: Promise<void> = Promise.resolve();
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `hasControl`: the framing has control messages; without them every client is admitted. */
  constructor(hasControl: boolean, introduction: Introduction = {}) {
    super();
    this.done = !hasControl;
    this.#introduction = introduction;
    this.#admitted.promise.catch(() => {}); // reported by greet()
  }

  /**
   * Says hello; resolves when the server has admitted the client. A login may take any time; only the first message of the
   * server must arrive within `timeoutMs`, 30,000 by default.
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
    this.#admitted.promise.finally(() => clearTimeout(this.#silence)).catch(() => {}); // reported to the caller below
    const { token } = this.#introduction;
    await this.#send({ type: "hello", version: CONTROL_VERSION, ...(token !== undefined && { token }) });
    await this.#admitted.promise;
  }

  /** Has the server revoke the token of this session. */
  logOut(): Promise<void> {
    return this.#send({ type: "logout" });
  }

  push(chunk: Chunk, out: Output<Chunk>): void | Promise<void> {
    if (this.#silence !== undefined) {
      clearTimeout(this.#silence);
      this.#silence = undefined;
    }
    if (chunk.kind !== "control") return out.push(chunk);
    const control = parseControl(chunk.bytes);
    if (control !== undefined) return this.#handle(control);
  }

  override end(): void {
    this.#ended("it ended the connection");
  }

  override cancel(reason?: unknown): void {
    this.#ended(`the connection failed (${messageOf(reason)})`);
  }

  async #handle(control: Control): Promise<void> {
    switch (control.type) {
      case "welcome":
        await this.#introduction.welcomed?.({
          ...control,
          ...(control.name !== undefined && { name: printable(control.name) }),
        });
        this.#admit();
        break;
      case "hello": // our own, from a server that echoes all it gets
        this.#admit();
        break;
      case "ask": {
        if (this.done) break; // the caller writes by now: messages of two writers would mix
        const value = await this.#answer(control);
        if (value === undefined) {
          return this.#refuse(`it asks for a ${control.field}, and nobody can answer: ${printable(control.text)}`);
        }
        await this.#send({ type: "answer", field: control.field, value });
        break;
      }
      case "refused":
        this.#refuse(printable(control.text) + (control.retry_after_s ? ` (again in ${control.retry_after_s} s)` : ""));
        break;
      case "bye":
        this.#introduction.farewell?.(printable(control.text));
        break;
      default: // only sent by clients
    }
  }

  async #answer(ask: Ask): Promise<string | undefined> {
    try {
      return await this.#introduction.answer?.({ ...ask, text: printable(ask.text) });
    } catch (error) {
      this.#admitted.reject(error); // reported by greet() as well as to the reader
      throw error;
    }
  }

  #admit(): void {
    this.done = true;
    this.#admitted.resolve();
  }

  /** The connection ended without a refusal. */
  #ended(why: string): void {
    if (this.done || this.refusal) return;
    if (this.#silence !== undefined) {
      return this.#refuse(`${why} without a word, as a server does at its limit of clients`);
    }
    this.#admitted.reject(new EchopipeError("ended", `Cannot use the server: ${why} before it admitted this client`));
  }

  #refuse(why: string): void {
    if (this.done) return this.#introduction.refused?.(why);
    if (this.refusal) return;
    this.refusal = new EchopipeError("refused", `Cannot use the server: ${why}`);
    this.#admitted.reject(this.refusal);
  }

  #send(control: Control): Promise<void> {
    const sending = this.#written.then(async () => {
      const encoded = await Array.fromAsync(message().encoder.over([controlChunk(control)]));
      for (const bytes of joinSmall(encoded)) await this.#connection!.write(bytes);
    });
    this.#written = sending.catch(() => {}); // reported to the caller
    return sending;
  }
}
