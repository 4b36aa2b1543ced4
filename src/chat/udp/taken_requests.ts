/**
 * Requests that the server has taken, remembered beyond the session they came in.
 *
 * @module
 */
import type { RoomRequest } from "../room/events.ts";
import type { RequestRecord } from "./records.ts";

/** Most clients that are remembered; beyond it the one that was longest silent is forgotten. */
const MAX_CLIENTS = 4096;

/** The number of the last request of each client: what comes again in a new session is not taken twice. */
export class TakenRequests {
  readonly #last = new Map<string, number>();

  /** Takes a request, unless it or a later one was taken before. The requests of a client come in order. */
  take(client: string, number: number): boolean {
    const last = this.#last.get(client) ?? 0;
    if (number <= last) return false;
    this.#last.delete(client);
    this.#last.set(client, number); // behind all others: those before it are longer silent
    if (this.#last.size > MAX_CLIENTS) this.#last.delete(this.#last.keys().next().value!);
    return true;
  }
}

/** The requests of one session, without those that were taken in an earlier one. */
export class SessionRequests {
  readonly #taken: TakenRequests;
  /** The client, once it has said which, and the number of its next request. */
  #client: { readonly id: string; next: number } | undefined;

  constructor(taken: TakenRequests) {
    this.#taken = taken;
  }

  /** Takes records in the order of the session; returns what is still to be done. */
  take(records: readonly RequestRecord[]): RoomRequest[] {
    const requests: RoomRequest[] = [];
    for (const record of records) {
      if (record.type === "resume") this.#client = { id: String.fromCharCode(...record.client), next: record.next };
      else if (record.type === "leave" || this.#client === undefined) requests.push(record);
      else if (this.#taken.take(this.#client.id, this.#client.next++)) requests.push(record);
    }
    return requests;
  }
}
