/**
 * What a client has asked and the server has not yet acknowledged.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import type { Channel } from "./channel.ts";
import { type AskRecord, encodeAsk } from "./records.ts";

/** How many requests may wait for their acknowledgement. */
export const MAX_BACKLOG = 1024;

interface Entry {
  readonly record: Uint8Array;
  readonly arrived: PromiseWithResolvers<void>;
}

/** Requests in the order they were made; they outlive the session that they were first sent in. */
export class Backlog {
  readonly #entries = new Set<Entry>();

  /**
   * Adds a request and gives it to the channel, if there is one; resolves when it is acknowledged.
   *
   * @throws {EchopipeError} `too-large` if 1,024 wait already
   */
  async add(ask: AskRecord, channel: Channel | undefined): Promise<void> {
    if (this.#entries.size >= MAX_BACKLOG) {
      throw new EchopipeError("too-large", `Cannot send more: ${MAX_BACKLOG} messages wait already, the limit`, {
        limit: MAX_BACKLOG,
      });
    }
    const entry = { record: encodeAsk(ask), arrived: Promise.withResolvers<void>() };
    this.#entries.add(entry);
    if (channel !== undefined) this.#send(entry, channel);
    await entry.arrived.promise;
  }

  /** Gives all that waits to a new channel. */
  sendAll(channel: Channel): void {
    for (const entry of this.#entries) this.#send(entry, channel);
  }

  /** Gives all that waits up. */
  fail(reason: unknown): void {
    for (const { arrived } of this.#entries) arrived.reject(reason);
    this.#entries.clear();
  }

  #send(entry: Entry, channel: Channel): void {
    channel.send(entry.record, () => {
      this.#entries.delete(entry);
      entry.arrived.resolve();
    });
  }
}
