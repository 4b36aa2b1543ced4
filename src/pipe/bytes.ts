/**
 * Sources and sinks of bytes: the contract between streams and what is under them.
 *
 * @module
 */

/** A source of bytes. */
export interface ByteSource {
  /** The next bytes, at least one; null at the end. One read at a time. */
  read(): Promise<Uint8Array | null>;
  /** The bytes last read are no longer looked at: their memory may take the next. */
  release(): void;
  /**
   * Only where bytes come as events: gives a listener what reads would bring, with no promise for each. Nothing is given
   * before `subscribe` has returned, and while what the listener returned is pending. Nobody reads meanwhile.
   */
  readonly subscribe?: (listener: ByteListener) => Subscription;
  /** Set by whoever reads; called when the source ends, at this side, while a read or a subscription is pending. */
  onEnd?: () => void;
  /** Nothing more is read. */
  abort(reason?: unknown): void | Promise<void>;
}

/** Takes bytes; a promise where it is not done with them at once. */
export type ByteListener = (bytes: Uint8Array) => void | Promise<void>;

/** A listener's subscription to a source. */
export interface Subscription {
  /** Resolves at the end; rejects with the failure of the source, or the listener's. Once cancelled only the latter counts. */
  readonly ended: Promise<void>;
  /** Nothing more is given: what comes waits for `read`. */
  cancel(): void;
}

/** A sink of bytes. */
export interface ByteSink {
  /**
   * Takes all of the bytes; resolves when it wants more, and no longer looks at these. One write at a time. A sink that
   * is done at once may return {@linkcode taken}.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Nothing more will come. */
  endWrite(): Promise<void>;
  /** What was written is not to be completed. */
  abort(reason?: unknown): void | Promise<void>;
}

/** A write that was done at once: who is given this very promise need not wait for it. */
export const taken: Promise<void> = Promise.resolve();
