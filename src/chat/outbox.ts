/**
 * What one member is still to hear.
 *
 * @module
 */
import type { Output } from "../stage/stage.ts";

/**
 * Passes items on as fast as the consumer takes them, also while no input comes; what comes faster waits, up to a limit.
 * At the limit `overflow` is called once, all that waits is dropped, and nothing but a last item is taken any more: who
 * reads too slowly is left behind, and keeps nobody else waiting.
 */
export class Outbox<T> {
  readonly #out: Output<T>;
  readonly #most: number;
  readonly #overflow: () => void;
  readonly #waiting: T[] = [];
  #busy = false;
  #full = false;
  #closed = false;
  #drained: PromiseWithResolvers<void> | undefined;

  /** Makes an outbox for at most so many waiting items. */
  constructor(out: Output<T>, most: number, overflow: () => void) {
    this.#out = out;
    this.#most = most;
    this.#overflow = overflow;
  }

  /** Takes an item. Never throws and never waits. */
  add(item: T): void {
    if (this.#closed || this.#full) return;
    if (!this.#busy) {
      this.#out.push(item);
      this.#send();
    } else if (this.#waiting.length < this.#most) {
      this.#waiting.push(item);
    } else {
      this.#full = true;
      this.#waiting.length = 0;
      this.#overflow();
    }
  }

  /** Takes the last item: what is added later is dropped. */
  addLast(item: T): void {
    if (this.#closed) return;
    this.#full = false;
    this.add(item);
    this.#closed = true;
  }

  /** Resolves when nothing waits any more; undefined if so already. */
  drained(): Promise<void> | undefined {
    return this.#busy ? (this.#drained ??= Promise.withResolvers()).promise : undefined;
  }

  /** Drops all that waits and all that is added later. */
  close(): void {
    this.#closed = true;
    this.#waiting.length = 0;
    this.#drained?.resolve();
  }

  #send(): void {
    const pending = this.#out.flush();
    if (pending === undefined) return;
    this.#busy = true;
    pending.then(() => {
      this.#busy = false;
      if (this.#waiting.length === 0) return this.#drained?.resolve();
      for (const item of this.#waiting.splice(0)) this.#out.push(item);
      this.#send();
    }, () => this.close()); // the connection failed: whoever runs its stages reports that
  }
}
