/**
 * The chat client.
 *
 * @module
 */
import { EchopipeError } from "../../errors.ts";
import { checkName } from "../../names.ts";
import { type Address, formatAddress } from "../../runtime/socket.ts";
import type { DatagramPort } from "../../transport/datagram.ts";
import { type Environment, system } from "../environment.ts";
import type { ClientEvent } from "../room/events.ts";
import { checkText } from "../room/input.ts";
import { EventQueue, UnackedRequests } from "./client_queues.ts";
import { Reconnector } from "./reconnector.ts";
import { CLIENT, type RequestRecord } from "./records.ts";

/** Options of {@linkcode ChatClient}. */
export interface ChatClientOptions {
  /** The chat server's address. */
  readonly server: Address;
  /** The name to join with. */
  readonly name: string;
  /** Time limit for the first join, in milliseconds. Default 10,000. */
  readonly timeout?: number;
  /** Default: the system's. */
  readonly environment?: Environment;
}

/**
 * A member of a chat over datagrams. What it says arrives in order and exactly once, whatever the network does and however
 * long it is away, as long as the server lives. When the server was restarted, the client joins again by itself and sends
 * again what was not acknowledged: it arrives, but may have arrived before. What others said meanwhile comes as far as the
 * server keeps it, after a `notice` that says so; nothing of it comes twice.
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
  /** Events of the room. Ends when the client has left. */
  readonly events: ReadableStream<ClientEvent>;
  /** Resolves when the client has ended; rejects with what ended it, `refused` for example. */
  readonly ended: Promise<void>;
  readonly #port: DatagramPort;
  readonly #server: Address;
  readonly #timeout: number;
  readonly #environment: Environment;
  readonly #unacked: UnackedRequests;
  readonly #queue = new EventQueue();
  readonly #reconnector: Reconnector;

  /** Makes a client; the port is its own from then on. Throws `invalid-argument` for a name that cannot be one. */
  constructor(port: DatagramPort, options: ChatClientOptions) {
    const { server, timeout = 10_000, environment = system } = options;
    const name = checkName(options.name);
    const over = Promise.withResolvers<void>();
    this.#port = port;
    this.#server = server;
    this.#timeout = timeout;
    this.#environment = environment;
    this.#unacked = new UnackedRequests(environment.random(CLIENT).slice());
    this.events = this.#queue.events;
    this.ended = over.promise;
    this.ended.catch(() => {}); // whoever asks for it hears of it
    this.#reconnector = new Reconnector(port, {
      server,
      name,
      environment,
      unacked: this.#unacked,
      queue: this.#queue,
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
    const cancelTimer = this.#environment.clock.timer(this.#timeout, () => {
      const where = formatAddress(this.#server);
      const wait = `no chat server has answered within ${this.#timeout / 1000} s`;
      this.#reconnector.end(new EchopipeError("timed-out", `Cannot join the chat at ${where}: ${wait}`));
    });
    this.#reconnector.begin();
    try {
      await this.#reconnector.joined;
    } finally {
      cancelTimer();
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
    const [names] = await Promise.all([this.#queue.nextList(), this.#request({ type: "who" })]);
    return names;
  }

  /**
   * Leaves, after what was said before, and closes the port. Resolves when it is done; what is not acknowledged within 3 s
   * is given up, and its promise rejects.
   */
  async leave(): Promise<void> {
    this.#reconnector.leave();
    await this.ended.catch(() => {}); // it is over, however it ended
    await this.#port.close();
  }

  /** Leaves, as {@linkcode ChatClient.leave} does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  async #ask(type: "say" | "act", text: string): Promise<void> {
    await this.#request({ type, text: checkText(text) });
  }

  async #request(request: RequestRecord): Promise<void> {
    if (this.#reconnector.closed) throw this.#reconnector.closedError;
    const arrived = this.#unacked.add(request, this.#reconnector.channel);
    this.#reconnector.flush();
    await arrived;
  }
}
