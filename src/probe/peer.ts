/**
 * A peer of a measure: the contract of the two kinds, over TCP and over UDP.
 *
 * @module
 */

/** Callbacks of a {@linkcode Peer}, with times of `performance.now()`. */
export interface PeerEvents {
  /**
   * A message has come back whole; `bytes` long as it travelled. `intact`: every byte is the one that was sent. `due`:
   * when it was to be sent.
   */
  answered(message: number, due: number, now: number, bytes: number, intact: boolean): void;
  /** A message was not answered in time, and is no longer waited for. Over UDP only. */
  lost(message: number): void;
  /** A message has come back once more. Over UDP only. */
  duplicated(message: number): void;
  /** A message has come back after one that was sent later (RFC 4737, 3.3). Over UDP only. */
  reordered(message: number): void;
  /** Something came that was never sent. Over UDP only: over TCP the connection fails. */
  stray(): void;
  /** The first byte has come back, so many milliseconds after the first message was sent. */
  firstByte(ms: number): void;
  /** Nothing more will come: the connection has failed, or the peer has ended it. */
  failed(error: unknown): void;
}

/** A sender of messages that compares what comes back. */
export interface Peer {
  /**
   * Lets one more message be sent, which is due at that time. The first sets when all others are due: one each `step`
   * milliseconds after it. Without a time each is due when it is sent.
   */
  allow(due?: number): void;
  /** Lets messages be sent as fast as answers come. */
  allowAll(): void;
  /** Nothing more is to be sent than was allowed so far; with {@linkcode Peer.allowAll}, than was sent. */
  stop(): void;
  /** Number of messages that were allowed and are not answered. */
  readonly unanswered: number;
  /** True once it has failed or was closed. */
  readonly isOver: boolean;
  /** Ends the connection, with a clean end where the server takes it. */
  close(): Promise<void>;
  /** Ends the connection at once. */
  abort(): void;
}

/** Settings of a {@linkcode Peer}. */
export interface PeerSettings {
  /** The most messages in flight. */
  readonly window: number;
  /** Milliseconds between the messages of this peer, where they are due at times. */
  readonly step: number;
  /** The message of the script to begin with. */
  readonly first: number;
  /** True: the server answers nothing. A message counts when the system has accepted it. */
  readonly oneWay: boolean;
}
