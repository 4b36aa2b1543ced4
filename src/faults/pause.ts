/**
 * A pause that can be cut short.
 *
 * @module
 */

/** Waits, one pause at a time, until the time is over or the owner gives up. */
export class Pause {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wake: (() => void) | undefined;
  #stopped = false;

  /** Resolves after that many milliseconds, or at once when {@linkcode Pause.stop} was or is called. */
  wait(ms: number): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#timer = setTimeout(resolve, ms);
    });
  }

  /** Ends the pause, and all later ones. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#wake?.();
  }
}
