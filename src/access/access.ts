/**
 * Access: the stage between decoder and handler that admits a client, or does not.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { AutoCodec } from "../framing/auto.ts";
import type { Chunk } from "../framing/chunk.ts";
import { type Output, Stage } from "../stage/stage.ts";
import { Answer } from "../handlers/answer.ts";
import { AccessClock } from "./login_clock.ts";
import { AccessMachine } from "./access_machine.ts";
import type { AccessEvent, AccessMode, Login, Step } from "./steps.ts";
import { LineGatherer, stepChunk, stepText } from "./wires.ts";
import { controlChunk, parseControl } from "./control.ts";

/** What a client may send as plain text before it is admitted, in bytes. */
const MAX_BEFORE_LOGIN = 4096;
/** In the framing `auto`, how long the client may speak first, in milliseconds. */
const SPEAK_AFTER_MS = 500;
/** The header of a message, in bytes: what the stream has beside the chunks. */
const HEADER_WIDTH = 4;

/** How a client is admitted. */
export interface AccessOptions {
  /** Who may use the server. Default `open`. */
  readonly mode?: AccessMode;
  /** How this client becomes known, unless the mode is `open`: see `identify` and `authenticate`. */
  readonly login?: Login;
  /** The framing of the connection; the codec itself where it is `auto`. Default `message`. */
  readonly framing?: "message" | "line" | AutoCodec;
  /** How long the server waits for each answer of a login, in milliseconds. Default 10,000. */
  readonly loginTimeout?: number;
  /** Told of what happens, for a log. */
  readonly onEvent?: (event: AccessEvent) => void;
}

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
  /** Only while a login goes on in text. */
  #gatherer: LineGatherer | undefined;
  readonly #speakAfter: number;
  #out: Output<Chunk> | undefined;
  /** How text reaches the client; undefined until it is known. */
  #wire: "line" | "message" | undefined;
  #passing: boolean;
  /** Whether what passes is in the middle of a message. */
  #within = false;
  /** Bytes of the stream so far. */
  #position = 0;
  #farewell: Chunk | undefined;
  #speaking: Promise<void> | undefined;
  /** Where there is a login. */
  readonly #clock: AccessClock | undefined;

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
    this.#clock = new AccessClock(loginTimeout, {
      speakFirst: () => this.#speakFirst(),
      timeOut: () => void this.#unasked(() => this.#machine.said({ type: "silence" })),
    });
  }

  /** The client's name, once it is admitted under a name. */
  get name(): string | undefined {
    return this.#machine.name;
  }

  /** Whether the client may use the server by now. */
  get admitted(): boolean {
    return this.#passing;
  }

  /** Whether the client said hello: only then it is sent control messages. */
  get saidHello(): boolean {
    return this.#machine.saidHello;
  }

  /** A `bye` for a handler to send before it ends the stream; undefined where the client would not understand it. */
  bye(reason: string, text: string): Chunk | undefined {
    if (!this.saidHello || this.#machine.state === "over" || this.#within) return undefined;
    return controlChunk({ type: "bye", reason, text });
  }

  /** Has the client told why, when the stream ends next. */
  farewell(reason: string, text: string): void {
    this.#farewell ??= this.bye(reason, text);
  }

  /** The stream begins. */
  override start(out: Output<Chunk>): void {
    this.#out = out;
    if (!this.#passing) this.#clock?.start(this.#speakAfter);
  }

  /** A chunk from the client. */
  push(chunk: Chunk, out: Output<Chunk>): void | Promise<void> {
    const { kind } = chunk;
    if (this.#passing && kind !== "control") {
      this.#count(chunk);
      this.#within = !chunk.last;
      out.push(chunk);
      return;
    }
    return this.#attend(() => this.#take(chunk, out));
  }

  /** The client has ended. */
  override end(out: Output<Chunk>): void | Promise<void> {
    if (this.#passing || this.#machine.state === "over") {
      this.#clock?.stop();
      if (this.#farewell !== undefined && !this.#within) out.push(this.#farewell);
      return;
    }
    return this.#attend(async () => {
      const line = this.#gatherer?.rest(); // the last line need not end
      if (line !== undefined) await this.#takeLine(line, out);
    }).finally(() => this.#clock?.stop());
  }

  /** The stream was torn down. */
  override cancel(): void {
    this.#clock?.stop();
    this.#out = undefined;
  }

  /** Does work for the client: its time to log in stands still meanwhile. */
  async #attend(work: () => Promise<void>): Promise<void> {
    this.#clock?.stop();
    if (this.#speaking !== undefined) await this.#speaking;
    await work();
    if (!this.#passing && this.#machine.state !== "over" && this.#out !== undefined) this.#clock?.run();
  }

  async #take(chunk: Chunk, out: Output<Chunk>): Promise<void> {
    if (this.#machine.state === "over") return;
    const at = this.#position;
    this.#count(chunk);
    if (chunk.kind === "control") {
      const step = this.#machine.said(readControl(chunk, at));
      if (step !== undefined) this.#show(await step, out);
      return;
    }
    this.#wire ??= chunk.size === undefined ? "line" : "message";
    if (this.saidHello || chunk.kind === "data") return this.#takeEarly(chunk, out);
    if (this.#machine.state === "new") {
      this.#show(await this.#machine.begin(), out);
      if (this.#passing) {
        this.#within = !chunk.last;
        out.push(chunk); // known without a question: this is no answer
      }
      if (this.#passing || isOver(this.#machine)) return;
    }
    const line = (this.#gatherer ??= new LineGatherer(MAX_BEFORE_LOGIN)).add(chunk);
    if (line === null) this.#show(this.#machine.tooMuch(MAX_BEFORE_LOGIN), out);
    else if (line !== undefined) await this.#takeLine(line, out);
  }

  async #takeLine(line: string, out: Output<Chunk>): Promise<void> {
    if (line === "exit") return this.#show(this.#machine.left(), out);
    const step = this.#machine.said({ type: "line", value: line });
    if (step !== undefined) this.#show(await step, out);
  }

  /** A message before the login: only leaving makes sense. */
  #takeEarly(chunk: Chunk, out: Output<Chunk>): void {
    const whole = chunk.first && chunk.last && chunk.kind === "text";
    const leaves = whole && chunk.length === 4 && new TextDecoder().decode(chunk.bytes) === "exit";
    this.#show(leaves ? this.#machine.left() : this.#machine.tooEarly(), out);
  }

  /** Tells the client its next step, the way it understands. */
  #show(step: Step, out: Output<Chunk>): void {
    if (this.saidHello) out.push(stepChunk(step, this.#mode));
    else if (this.#wire !== undefined && this.#mode !== "open") {
      const text = stepText(step);
      if (text !== undefined) out.push(new Answer(this.#wire === "line" ? `${text}\n` : text));
    }
    if (step.type === "welcome") {
      this.#passing = true;
      this.#gatherer = undefined;
      this.#clock?.stop();
    } else if (step.type === "ask") {
      this.#clock?.renew();
    } else {
      this.#passing = false;
      this.#clock?.stop();
      out.end();
    }
  }

  /** The client is silent: the server asks first, as people with `nc` expect. */
  #speakFirst(): void {
    if (this.#machine.state !== "new" || this.#codec?.detected === "message") return;
    this.#codec?.assume("line");
    this.#wire = "line";
    this.#speaking = this.#unasked(() => this.#machine.begin()).finally(() => this.#speaking = undefined);
  }

  /** Says what no chunk brought about. */
  async #unasked(work: () => Step | undefined | Promise<Step | undefined>): Promise<void> {
    try {
      const step = await work();
      if (step === undefined || this.#out === undefined) return; // torn down meanwhile
      this.#show(step, this.#out);
      await this.#out.flush();
    } catch {
      // The connection is gone: whoever reads from it reports that.
    }
  }

  #count(chunk: Chunk): void {
    this.#position += chunk.end - chunk.start + (chunk.first && chunk.size !== undefined ? HEADER_WIDTH : 0);
  }
}

/** The login where everyone may come in. */
const everyone: Login = {
  begin: () => ({ type: "welcome" }),
  answer: () => ({ type: "welcome" }),
};

const isOver = (machine: AccessMachine) => machine.state === "over";

/** Reads a control message; `position`: where in the stream its header begins. */
function readControl(chunk: Chunk, position: number) {
  try {
    return parseControl(chunk.bytes);
  } catch (cause) {
    if (!(cause instanceof EchopipeError)) throw cause;
    const { code, message, expected } = cause;
    throw new EchopipeError(code, `${message}, at byte ${position} of the stream`, { position, expected, cause });
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
