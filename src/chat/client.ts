/**
 * The chat client.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { checkName } from "../names.ts";
import type { DatagramPort } from "../transport/datagram.ts";
import { type Address, formatAddress } from "../runtime/socket.ts";
import { Attachment } from "./attachment.ts";
import { Backlog } from "./backlog.ts";
import type { ClientEvent } from "./client_events.ts";
import { News } from "./news.ts";
import type { AskRecord } from "./records.ts";
import { type Surroundings, system } from "./surroundings.ts";
import { checkText } from "./text.ts";

/** What a chat client is told. */
export interface ChatClientOptions {
  /** Where the chat server is. */
  readonly server: Address;
  /** The name to join with. */
  readonly name: string;
  /** How long the first join may take, in milliseconds. Default 10,000. */
  readonly timeout?: number;
  /** Default: the system's. */
  readonly surroundings?: Surroundings;
}

/**
 * A member of a chat over datagrams. What is said arrives in order and exactly once, whatever the network does, as long as
 * the server lives; when it was restarted, the client joins again by itself and sends again what was not acknowledged.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { ChatClient, openDatagrams, Room, serveChat } from "echopipe";
 *
 * await using server = serveChat(await openDatagrams(), new Room());
 * await using client = new ChatClient(await openDatagrams(), { server: server.address, name: "ada" });
 * await client.join();
 * await client.say("hello");
 * const reader = client.events.getReader();
 * assert.equal((await reader.read()).value?.type, "welcome");
 * assert.equal((await reader.read()).value?.type, "said");
 * ```
 */
export class ChatClient implements AsyncDisposable {
  /** What happens in the room. Ends when the client has left. */
  readonly events: ReadableStream<ClientEvent>;
  /** Resolves when the client has ended; rejects with what ended it, `refused` for example. */
  readonly ended: Promise<void>;
  readonly #port: DatagramPort;
  readonly #server: Address;
  readonly #timeout: number;
  readonly #surroundings: Surroundings;
  readonly #backlog = new Backlog();
  readonly #news = new News();
  readonly #attachment: Attachment;

  /** Makes a client; the port is its own from then on. Throws `invalid-argument` for a name that cannot be one. */
  constructor(port: DatagramPort, options: ChatClientOptions) {
    const { server, timeout = 10_000, surroundings = system } = options;
    const name = checkName(options.name);
    const over = Promise.withResolvers<void>();
    this.#port = port;
    this.#server = server;
    this.#timeout = timeout;
    this.#surroundings = surroundings;
    this.events = this.#news.events;
    this.ended = over.promise;
    this.ended.catch(() => {}); // whoever asks for it hears of it
    this.#attachment = new Attachment(port, {
      server,
      name,
      surroundings,
      backlog: this.#backlog,
      news: this.#news,
      ended: (error) => {
        const settle = () => error === undefined ? over.resolve() : over.reject(error);
        port.close().then(settle, (reason: unknown) => over.reject(error ?? reason));
      },
    });
  }

  /**
   * Joins.
   *
   * @throws {EchopipeError} `refused` if the name is taken or the room full, `timed-out` if nobody answers
   */
  async join(): Promise<void> {
    const callOff = this.#surroundings.clock.timer(this.#timeout, () => {
      const where = formatAddress(this.#server);
      const wait = `no chat server has answered within ${this.#timeout / 1000} s`;
      this.#attachment.end(new EchopipeError("timed-out", `Cannot join the chat at ${where}: ${wait}`));
    });
    this.#attachment.begin();
    try {
      await this.#attachment.joined;
    } finally {
      callOff();
    }
  }

  /**
   * Says something; resolves when the server has it.
   *
   * @throws {EchopipeError} `too-large` beyond 1,000 bytes, or if 1,024 messages wait already; `invalid-argument` if
   * empty; `closed` if the client ended before the server had it
   */
  say(text: string): Promise<void> {
    return this.#ask("say", text);
  }

  /** Tells what the member does, as `/me` does. Otherwise as {@linkcode ChatClient.say}. */
  act(text: string): Promise<void> {
    return this.#ask("act", text);
  }

  /** Asks who is there: resolves with their names, which also come as a `members` event. Otherwise as `say`. */
  async who(): Promise<readonly string[]> {
    const [names] = await Promise.all([this.#news.nextList(), this.#request({ type: "who" })]);
    return names;
  }

  /**
   * Leaves, after what was said before, and closes the port. Resolves when it is done; what is not acknowledged within 3 s
   * is given up, and its promise rejects.
   */
  async leave(): Promise<void> {
    this.#attachment.leave();
    await this.ended.catch(() => {}); // it is over: that is what was wanted
    await this.#port.close();
  }

  /** Leaves, as {@linkcode ChatClient.leave} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  async #ask(type: "say" | "act", text: string): Promise<void> {
    await this.#request({ type, text: checkText(text) });
  }

  async #request(ask: AskRecord): Promise<void> {
    if (this.#attachment.closed) throw this.#attachment.closedError;
    const arrived = this.#backlog.add(ask, this.#attachment.channel);
    this.#attachment.flush();
    await arrived;
  }
}
