/**
 * The contract between a link and the run that it belongs to.
 *
 * @module
 */
import type { Failure } from "./contract.ts";

/** The run that a link belongs to. */
export interface LinkOwner<Link> {
  /** Receives an item from the last link. */
  deliver(item: unknown): void;
  /** A stage has pushed an item: schedules a flush, unless a call of the run is on the stack and flushes anyway. */
  flushLate(): void;
  /** A call of a stage is pending. */
  wait(): void;
  /** Resolves when the consumer is ready for more; `next` is the link after the stage that waits. */
  drained(next: Link | undefined): Promise<void>;
  /** The stage of link `by` has failed, or `early` ended the stream: cancels the stages before it. */
  stop(by: Link, reason: unknown, early?: boolean): void;
  /** The memory of the read at hand must not be used again. */
  keep(): void;
  /** The last link is done. */
  settle(failure: Failure | undefined): void;
}
