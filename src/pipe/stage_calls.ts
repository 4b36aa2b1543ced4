/**
 * Calls of a stage, for whom its failures are not all the same.
 *
 * @module
 */

/**
 * Knows whether a failure was the stage's own, for such a stage must not be cancelled too; and waits for an asynchronous
 * one no longer than there is a sink for what it makes.
 */
export class StageCalls {
  /** The stage threw, or what it promised was rejected. */
  threw = false;
  /** Who waits for the stage. */
  #waiting: PromiseWithResolvers<void> | undefined;

  /** Calls the stage; a promise where it is not done at once. */
  call(work: () => void | Promise<void>): void | Promise<void> {
    try {
      const pending = work();
      return pending && this.guard(pending);
    } catch (error) {
      this.threw = true;
      throw error;
    }
  }

  /** Waits for what the stage promised, unless {@linkcode StageCalls.giveUp} is called meanwhile. */
  guard(pending: Promise<void>): Promise<void> {
    const waiting = this.#waiting = Promise.withResolvers<void>();
    pending.then(waiting.resolve, (error) => {
      this.threw = true;
      waiting.reject(error);
    });
    return waiting.promise;
  }

  /** Nobody wants what the stage is at: who waits for it is told why. */
  giveUp(reason: unknown): void {
    this.#waiting?.reject(reason);
  }
}
