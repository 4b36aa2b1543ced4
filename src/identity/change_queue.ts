/**
 * Changes that are made in batches.
 *
 * @module
 */

/** A change that waits for its batch. */
interface Change<Target> {
  apply(target: Target): void;
  /** The batch is durable. */
  done(): void;
  failed(error: unknown): void;
}

/**
 * Changes of a target that is costly to write: those that come while a batch is being written are written together by the
 * next one. A change that throws fails alone; where a batch fails, all of its changes do.
 */
export class ChangeQueue<Target> {
  readonly #write: (apply: (target: Target) => void) => Promise<void>;
  #pending: Change<Target>[] = [];
  #writing: Promise<void> | undefined;

  /** `write` calls `apply` with the target when it is ready for changes, and resolves when they are durable. */
  constructor(write: (apply: (target: Target) => void) => Promise<void>) {
    this.#write = write;
  }

  /** Makes a change; resolves with its result when that is durable. */
  add<T>(change: (target: Target) => T): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    let result: T;
    this.#pending.push({ apply: (target) => result = change(target), done: () => resolve(result), failed: reject });
    this.#writing ??= this.#writeAll();
    return promise;
  }

  /** Resolves when no change waits. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Never rejects: each change hears of its own fate. */
  async #writeAll(): Promise<void> {
    while (this.#pending.length > 0) {
      let batch: Change<Target>[] = [];
      try {
        await this.#write((target) => {
          batch = this.#pending.splice(0);
          for (const change of batch) applyAlone(change, target);
        });
        for (const change of batch) change.done();
      } catch (error) {
        if (batch.length === 0) batch = this.#pending.splice(0);
        for (const change of batch) change.failed(error);
      }
    }
    this.#writing = undefined;
  }
}

function applyAlone<Target>(change: Change<Target>, target: Target): void {
  try {
    change.apply(target);
  } catch (error) {
    change.failed(error); // its promise is settled: done has no effect any more
  }
}
