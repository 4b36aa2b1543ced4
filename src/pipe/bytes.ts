/**
 * Sources and sinks of bytes: the contract between streams and sockets, files or standard input and output.
 *
 * @module
 */

/** A source of bytes. */
export interface ByteSource {
  /** Reads the next bytes, at least one; null at the end. One read at a time. */
  read(): Promise<Uint8Array | null>;
  /** Releases the buffer of the last read: its bytes must not be used any more. */
  release(): void;
  /**
   * Calls a listener with the bytes that reads would return, without a promise for each. Only sources that receive
   * bytes as events have it. The listener is not called before `subscribe` has returned, nor while a promise that it
   * returned is pending. `read` must not be called meanwhile.
   */
  readonly subscribe?: ((listener: ByteListener) => Subscription) | undefined;
  /** Set by the reader; called when the source is ended at this side while a read or a subscription is pending. */
  onEnd?: (() => void) | undefined;
  /** Called by a reader that leaves while its read is pending: the next reader gets that read. */
  abandon?(): void;
  /** Called by a reader that leaves: copies of the bytes go in front of the next read. */
  unread?(bytes: Uint8Array): void;
  /** Set by a chain of stages that reads: tells whether one of them is inside a message whose rest has to come. */
  reader?: { readonly begun: boolean } | undefined;
  /** Closes the source before its end. */
  abort(reason?: unknown): void | Promise<void>;
}

/** Handles bytes; returns a promise where it still needs them after it has returned. */
export type ByteListener = (bytes: Uint8Array) => void | Promise<void>;

/** A listener's subscription to a source. */
export interface Subscription {
  /**
   * Resolves at the end; rejects when the source or the listener fails. After `cancel` only the listener's failure
   * counts.
   */
  readonly ended: Promise<void>;
  /** Ends the subscription: the next bytes are left for `read`. */
  cancel(): void;
}

/** A sink of bytes. */
export interface ByteSink {
  /**
   * Writes all of the bytes; resolves when it is ready for more, and no longer needs these. One write at a time. A sink
   * that is done synchronously may return {@linkcode taken}.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the sink after the last write. */
  endWrite(): Promise<void>;
  /** Aborts the sink: bytes that are not yet sent may be dropped. */
  abort(reason?: unknown): void | Promise<void>;
}

/** Returned by a sink that has taken the bytes synchronously: a caller that gets this very promise need not wait. */
export const taken: Promise<void> = Promise.resolve();
