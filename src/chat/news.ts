/**
 * What a client has been told and its user has not yet read.
 *
 * @module
 */
import type { ClientEvent } from "./client_events.ts";
import type { TellRecord } from "./records.ts";

/** How many events wait to be read; beyond it the client takes no more data, and the server holds back. */
const MAX_EVENTS = 1024;

/** Records to events, in a stream with a limit. */
export class News {
  readonly events: ReadableStream<ClientEvent>;
  #controller!: ReadableStreamDefaultController<ClientEvent>;
  /** The stream has ended, or nobody reads it any more. */
  #over = false;
  /** The names of a list that comes in several records, and whose welcome it belongs to. */
  #names: string[] = [];
  #welcome: string | undefined;
  /** Questions who is there that are not yet answered. */
  readonly #questions: PromiseWithResolvers<readonly string[]>[] = [];

  constructor() {
    this.events = new ReadableStream<ClientEvent>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => void (this.#over = true), // the client may still speak
    }, { highWaterMark: MAX_EVENTS });
  }

  /** Whether no more should be taken for now. */
  get full(): boolean {
    return !this.#over && (this.#controller.desiredSize ?? 0) <= 0;
  }

  /** Adds an event. */
  tell(event: ClientEvent): void {
    if (!this.#over) this.#controller.enqueue(event);
  }

  /** Takes what the server told. */
  take(record: TellRecord): void {
    if (record.type === "welcome") this.#welcome = record.name;
    else if (record.type !== "members") this.tell(record);
    else {
      this.#names.push(...record.names);
      if (!record.more) this.#endList();
    }
  }

  /** A new session begins: what came in part is dropped. */
  restart(): void {
    this.#names = [];
    this.#welcome = undefined;
  }

  /** The next list of members. */
  async nextList(): Promise<readonly string[]> {
    const question = Promise.withResolvers<readonly string[]>();
    this.#questions.push(question);
    return await question.promise;
  }

  /** Ends the stream, after what was told. */
  end(reason: unknown): void {
    for (const { reject } of this.#questions.splice(0)) reject(reason);
    if (this.#over) return;
    this.#over = true;
    this.#controller.close();
  }

  #endList(): void {
    const names = this.#names;
    const name = this.#welcome;
    this.restart();
    this.tell(name === undefined ? { type: "members", names } : { type: "welcome", name, names });
    for (const { resolve } of this.#questions.splice(0)) resolve(names);
  }
}
