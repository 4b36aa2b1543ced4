/**
 * Chat over a stream: the room for people with `nc`, telnet or our own client.
 *
 * @module
 */
import { messageOf } from "../../errors.ts";
import { Chunk } from "../../framing/chunk.ts";
import { TextGatherer } from "../../framing/text_gatherer.ts";
import { isAnswer } from "../../handlers/answer.ts";
import { pipeline } from "../../stage/pipeline.ts";
import { type Output, Stage } from "../../stage/stage.ts";
import { type Clock, system } from "../environment.ts";
import type { RoomEvent } from "./events.ts";
import { MAX_TEXT, readTyped } from "./input.ts";
import { Member, type MemberOptions, type MemberRequest } from "./member.ts";
import { renderEvent } from "./render.ts";
import type { ChatRoom } from "./room.ts";

/** Time for a client to speak before it is asked for its name, in milliseconds: its framing shows by then. */
const ASK_AFTER_MS = 500;
const ASK = "Your name, please";

/** Options of {@linkcode chat}. */
export interface ChatOptions extends MemberOptions {
  /**
   * The name to join with, where it is known already, or will be: then it is the only one, and if the room refuses it, or
   * the promise rejects, the stream ends. Default, and if the promise resolves with undefined: the first line is the name.
   */
  readonly name?: string | Promise<string | undefined>;
  /** Tells if texts to the client need line ends. Default: as its own texts show; yes before it sent any. */
  readonly lines?: () => boolean;
}

/** State that the two ends of the handler share. */
interface Talk {
  /** Something has come. */
  heard: boolean;
  /** Output to the client. */
  out: Output<Chunk> | undefined;
  /** The framing tells sizes, and so needs no line ends. */
  sized: boolean;
  /** The name was given: no other can be typed. */
  named: boolean;
}

/** Gathers texts, at most as long as a message may be, and reads what they mean. */
class Requests extends Stage<Chunk, MemberRequest> {
  readonly #member: Member;
  readonly #talk: Talk;
  readonly #name: ChatOptions["name"];
  readonly #gatherer = new TextGatherer(MAX_TEXT);
  /** The name is not known yet: what is typed waits for it. */
  #naming: Promise<void> | undefined;
  #over = false;

  constructor(member: Member, talk: Talk, name: ChatOptions["name"]) {
    super();
    this.#member = member;
    this.#talk = talk;
    this.#name = name;
  }

  override start(out: Output<MemberRequest>): void {
    const name = this.#name;
    if (typeof name !== "object") return this.#join(name, out);
    this.#naming = name.then(
      (name) => this.#join(name, out),
      () => out.push({ type: "leave" }), // not admitted: it is told why by whoever asked for the name
    ).then(() => {
      this.#naming = undefined;
      return out.flush();
    }).catch(() => {}); // the connection failed: whoever runs the stages reports it
  }

  push(chunk: Chunk, out: Output<MemberRequest>): void | Promise<void> {
    if (isAnswer(chunk)) return this.#talk.out?.push(chunk);
    return this.#naming === undefined ? this.#read(chunk, out) : this.#naming.then(() => this.#read(chunk, out));
  }

  #join(name: string | undefined, out: Output<MemberRequest>): void {
    if (name === undefined || this.#over) return;
    this.#talk.named = true;
    out.push({ type: "join", name });
  }

  #read(chunk: Chunk, out: Output<MemberRequest>): void {
    this.#talk.heard = true;
    if (chunk.kind === "data") {
      if (chunk.first) out.push({ type: "notice", text: "Cannot send data to a chat: expected text" });
      return;
    }
    this.#talk.sized = chunk.size !== undefined;
    this.#take(() => this.#gatherer.take(chunk), out);
  }

  override end(out: Output<MemberRequest>): void {
    this.#over = true;
    this.#take(() => this.#gatherer.end(), out); // a last line without its end
  }

  override cancel(): void {
    this.#over = true;
  }

  #take(gather: () => string | undefined, out: Output<MemberRequest>): void {
    let text: string | undefined;
    try {
      text = gather();
    } catch (error) {
      return out.push({ type: "notice", text: messageOf(error) });
    }
    if (text === undefined) return;
    const typed = this.#member.name === undefined && !this.#talk.named && text !== "exit" && !text.startsWith("/")
      ? { type: "join" as const, name: text.trim() }
      : readTyped(text);
    if (typed !== undefined) out.push(typed);
  }
}

/** Writes events as texts. */
class Texts extends Stage<RoomEvent, Chunk> {
  readonly #talk: Talk;
  readonly #lines: () => boolean;
  readonly #clock: Clock;
  readonly #known: boolean;
  #cancelTimer: (() => void) | undefined;

  constructor(talk: Talk, { name, lines = () => !talk.sized, clock = system.clock }: ChatOptions) {
    super();
    this.#talk = talk;
    this.#lines = lines;
    this.#clock = clock;
    this.#known = name !== undefined;
  }

  override start(out: Output<Chunk>): void {
    this.#talk.out = out;
    if (this.#known) return;
    this.#cancelTimer = this.#clock.timer(ASK_AFTER_MS, () => {
      if (this.#talk.heard) return;
      this.#write(ASK, out);
      Promise.resolve(out.flush()).catch(() => {}); // the connection failed: whoever runs the stages reports it
    });
  }

  push(event: RoomEvent, out: Output<Chunk>): void {
    const ask = event.type === "refused" && !this.#talk.named;
    this.#write(renderEvent(event) + (ask ? `. ${ASK}` : ""), out);
    if (event.type !== "bye" && (event.type !== "refused" || ask)) return;
    this.#cancelTimer?.();
    out.end();
  }

  override end(): void {
    this.#cancelTimer?.();
  }

  override cancel(): void {
    this.#cancelTimer?.();
  }

  #write(text: string, out: Output<Chunk>): void {
    out.push(Chunk.text(this.#lines() ? `${text}\n` : text));
  }
}

/**
 * A handler that makes the client a member of the room: its first line is its name, every other one is said or is a
 * command (`/who`, `/me`, `/help`, `exit`), and it is sent what the others say, also while it is silent itself.
 *
 * A client that reads too slowly is left behind: when 1,024 events wait for it, it leaves the room. One that speaks too
 * fast, more than 20 times a second, waits.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { chat, Chunk, Room } from "echopipe";
 *
 * const answers = chat(new Room()).over(["ada", "exit"].map(Chunk.text));
 * const texts = await Array.fromAsync(answers, (chunk) => new TextDecoder().decode(chunk.bytes));
 * assert.deepEqual(texts, ["Welcome, ada. Here: ada (1). /help explains", "Goodbye"]);
 * ```
 */
export function chat(room: ChatRoom, options: ChatOptions = {}): Stage<Chunk, Chunk> {
  const talk: Talk = { heard: false, out: undefined, sized: false, named: false };
  const member = new Member(room, options);
  return pipeline(new Requests(member, talk, options.name), member, new Texts(talk, options));
}
