/**
 * The stage between decoder and handler that admits a client, or does not.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { AutoCodec } from "../framing/auto.ts";
import type { Chunk } from "../framing/chunk.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { AccessMachine } from "./access_machine.ts";
import { type AccessOptions, everyone } from "./access_options.ts";
import { InputReader, readControl } from "./client_input.ts";
import { controlChunk } from "./control.ts";
import { LoginTimer } from "./login_timer.ts";
import type { AccessMode, Step } from "./steps.ts";
import { stepAnswer, stepChunk } from "./wires.ts";

/** Time for the client to speak first in the framing `auto`, in milliseconds. */
const SPEAK_AFTER_MS = 500;
/** The header of a message, in bytes: what the stream has beside the chunks. */
const HEADER_WIDTH = 4;

/**
 * Admits a client, then lets everything pass. It alone reads control messages: the stages behind it see text and data,
 * and the control messages that it sends, which they pass on as they are.
 *
 * Without a login, and in the framing `line`, a client may not even notice it: see {@linkcode access}.
 */
export class Access extends Stage<Chunk, Chunk> {
  readonly #mode: AccessMode;
  readonly #machine: AccessMachine;
  readonly #codec: AutoCodec | undefined;
  readonly #speakAfter: number;
  /** Undefined without a login. */
  readonly #timer: LoginTimer | undefined;
  /** Only while a login goes on in text. */
  #input: InputReader | undefined;
  #out: Output<Chunk> | undefined;
  /** The framing of plain text to the client; undefined until it is known. */
  #framing: "line" | "message" | undefined;
  #passing: boolean;
  /** True inside a message that passes. */
  #within = false;
  /** Bytes of the stream so far. */
  #position = 0;
  #farewell: Chunk | undefined;
  #speaking: Promise<void> | undefined;
  /** Ends the watch over a user who is logged in. */
  #unwatch: (() => void) | undefined;

  /** Makes the stage of one connection. Throws `invalid-argument` where a login is missing, or there is one too many. */
  constructor(options: AccessOptions = {}) {
    super();
    const { mode = "open", framing = "message", loginTimeout = 10_000, onEvent = () => {} } = options;
    if ((mode === "open") !== (options.login === undefined)) {
      throw new EchopipeError(
        "invalid-argument",
        `Cannot admit clients: access "${mode}" ${mode === "open" ? "takes no" : "needs a"} login`,
      );
    }
    this.#mode = mode;
    this.#machine = new AccessMachine(options.login ?? everyone, mode !== "open", onEvent);
    this.#codec = typeof framing === "object" ? framing : undefined;
    this.#passing = mode === "open";
    this.#speakAfter = framing === "line" ? 0 : framing === "message" ? Infinity : SPEAK_AFTER_MS;
    if (mode === "open") return;
    this.#timer = new LoginTimer(loginTimeout, {
      speakFirst: () => this.#speakFirst(),
      timeout: () => void this.#sendUnasked(() => this.#machine.handle({ type: "timeout" })),
    });
  }

  /** The client's name, once it is admitted under a name. */
  get name(): string | undefined {
    return this.#machine.name;
  }

  /** True once the client may use the server. */
  get admitted(): boolean {
    return this.#passing;
  }

  /** True once the client said hello: only then it is sent control messages. */
  get saidHello(): boolean {
    return this.#machine.saidHello;
  }

  /** A `bye` for a handler to send before it ends the stream; undefined where the client would not understand it. */
  bye(reason: string, text: string): Chunk | undefined {
    if (!this.saidHello || this.#isOver || this.#within) return undefined;
    return controlChunk({ type: "bye", reason, text });
  }

  /** Sends a `bye` when the stream ends next. */
  farewell(reason: string, text: string): void {
    this.#farewell ??= this.bye(reason, text);
  }

  /** The stream begins. */
  override start(out: Output<Chunk>): void {
    this.#out = out;
    if (!this.#passing) this.#timer?.start(this.#speakAfter);
  }

  /** A chunk from the client. */
  push(chunk: Chunk, out: Output<Chunk>): void | Promise<void> {
    const position = this.#position;
    this.#position += chunk.end - chunk.start + (chunk.first && chunk.size !== undefined ? HEADER_WIDTH : 0);
    if (this.#passing && chunk.kind !== "control") return this.#pass(chunk, out);
    return this.#serve(() => this.#handle(chunk, position, out));
  }

  /** The client has ended. */
  override end(out: Output<Chunk>): void | Promise<void> {
    if (this.#passing || this.#isOver) {
      this.#release();
      if (this.#farewell !== undefined && !this.#within) out.push(this.#farewell);
      return;
    }
    return this.#serve(async () => {
      const last = this.#input?.end();
      const step = last && await this.#machine.handle(last);
      if (step !== undefined) this.#send(step, out);
    }).finally(() => this.#release());
  }

  /** The stream was torn down. */
  override cancel(): void {
    this.#release();
    this.#out = undefined;
  }

  /** True where the client's first message is on its way, a hello perhaps: it is not spoken to before. */
  get #clientBegins(): boolean {
    const { detected, webSocket } = this.#codec ?? {};
    return detected === "message" || detected === "http" || webSocket?.protocol !== undefined;
  }

  get #isOver(): boolean {
    return this.#machine.state === "over";
  }

  #release(): void {
    this.#timer?.pause();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #pass(chunk: Chunk, out: Output<Chunk>): void {
    this.#within = !chunk.last;
    out.push(chunk);
  }

  /** Works for the client: its login timeout is paused meanwhile. */
  async #serve(work: () => Promise<void>): Promise<void> {
    this.#timer?.pause();
    if (this.#speaking !== undefined) await this.#speaking;
    await work();
    if (!this.#passing && !this.#isOver && this.#out !== undefined) this.#timer?.resume();
  }

  async #handle(chunk: Chunk, position: number, out: Output<Chunk>): Promise<void> {
    if (this.#isOver) return;
    if (chunk.kind !== "control") {
      this.#framing = chunk.size === undefined && this.#codec?.detected !== "websocket" ? "line" : "message";
      if (chunk.kind === "text" && !this.saidHello && this.#machine.state === "new") {
        this.#send(await this.#machine.begin(), out);
        if (this.#passing) return this.#pass(chunk, out); // known without a question: this is no answer
        if (this.#isOver) return;
      }
    }
    const input = chunk.kind === "control"
      ? readControl(chunk, position)
      : (this.#input ??= new InputReader()).read(chunk, this.saidHello);
    const step = input && await this.#machine.handle(input);
    if (step !== undefined) this.#send(step, out);
  }

  /** Sends the client its next step, in control or in text, and takes it itself. */
  #send(step: Step, out: Output<Chunk>): void {
    const chunk = this.saidHello
      ? stepChunk(step, this.#mode)
      : this.#framing !== undefined && this.#mode !== "open"
      ? stepAnswer(step, this.#framing)
      : undefined;
    if (chunk !== undefined && !this.#within) out.push(chunk);
    if (step.type === "ask") return this.#timer?.reset();
    this.#release();
    this.#passing = step.type === "welcome";
    if (!this.#passing) return out.end();
    this.#input = undefined;
    this.#unwatch = this.#machine.watch((text) =>
      void this.#sendUnasked(() => this.#machine.handle({ type: "revoked", text }))
    );
  }

  /** The client is silent: the server asks first, as people with `nc` expect. */
  #speakFirst(): void {
    if (this.#machine.state !== "new" || this.#clientBegins) return;
    this.#speaking = this.#sendUnasked(async () => {
      const step = await this.#machine.begin();
      if (!this.#clientBegins) this.#framing = this.#codec?.detected === "websocket" ? "message" : "line";
      else if (step.type === "ask") return this.#machine.restart(); // its first message has come: that is answered
      return step;
    }).finally(() => this.#speaking = undefined);
  }

  /** Sends a step that no chunk brought about. */
  async #sendUnasked(work: () => Step | undefined | Promise<Step | undefined>): Promise<void> {
    try {
      const step = await work();
      if (step === undefined || this.#out === undefined) return; // torn down meanwhile
      this.#send(step, this.#out);
      await this.#out.flush();
    } catch {
      // The connection is gone: whoever reads from it reports that.
    }
  }
}

/**
 * The stage that admits a client. Under `open` everything passes from the start, and a client that says hello gets its
 * welcome; under `identify` and `password` the login comes first, as control messages with a client that says hello, as
 * a dialogue in plain text with any other.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { access, controlChunk, parseControl, Chunk } from "echopipe";
 *
 * const [first, second] = await Array.fromAsync(
 *   access().over([controlChunk({ type: "hello", version: 1 }), Chunk.text("hi")]),
 * );
 * assert.deepEqual(parseControl(first.bytes), { type: "welcome", version: 1, access: "open" });
 * assert.equal(new TextDecoder().decode(second.bytes), "hi");
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` where a login is missing, or there is one too many
 */
export function access(options?: AccessOptions): Access {
  return new Access(options);
}
