/**
 * Items from the peer, until somebody receives them.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { ByteOrigin } from "../pipe/byte_origin.ts";
import type { ByteSource } from "../pipe/bytes.ts";
import type { Failure } from "../stage/contract.ts";
import { type Consumer, Run } from "../stage/run.ts";
import type { Stage } from "../stage/stage.ts";
import type { Requests } from "./requests.ts";

/**
 * Decodes what a source sends. It is read only while somebody waits for an item or a reply, so that no more than the
 * items of one read pile up; items that answer no request may wait besides, up to a limit: beyond it the inbox fails
 * with `busy`, as the replies behind them could not be read.
 */
export class Inbox<I> implements Consumer<I> {
  readonly #origin: ByteOrigin;
  readonly #run: Run<unknown, unknown>;
  readonly #requests: Requests<I, never>;
  readonly #maxUnread: number;
  #unread: I[] = [];
  /** Items of `#unread` that were received. */
  #read = 0;
  readonly #waiting = new Set<PromiseWithResolvers<I | undefined>>();
  /** Resolves when more is to be read. */
  #wanted: PromiseWithResolvers<void> | undefined;
  #begun = false;
  #over: { readonly failure: Failure | undefined } | undefined;

  /** Makes the inbox of a source. Nothing else may read the source once an item was asked for. */
  constructor(source: ByteSource, decoder: Stage<Uint8Array, I>, requests: Requests<I, never>, maxUnread: number) {
    this.#origin = new ByteOrigin(source);
    this.#run = new Run<unknown, unknown>(decoder.claim(), this as Consumer<unknown>);
    this.#requests = requests;
    this.#maxUnread = maxUnread;
  }

  /** The next item; undefined at the end. Rejects with the failure of the stream, or the reason of the signal. */
  receive(signal?: AbortSignal): I | undefined | Promise<I | undefined> {
    signal?.throwIfAborted();
    if (this.#read < this.#unread.length) return this.#next();
    if (this.#over !== undefined) {
      if (this.#over.failure !== undefined) throw this.#over.failure.reason;
      return undefined;
    }
    const waiting = Promise.withResolvers<I | undefined>();
    this.#waiting.add(waiting);
    this.readOn();
    if (signal === undefined) return waiting.promise;
    const abort = () => {
      this.#waiting.delete(waiting);
      waiting.reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    return waiting.promise.finally(() => signal.removeEventListener("abort", abort));
  }

  /** Reads, as somebody waits. */
  readOn(): void {
    this.#wanted?.resolve();
    this.#wanted = undefined;
    if (this.#begun) return;
    this.#begun = true;
    this.#origin.feed(this.#run, this as Consumer<unknown>);
  }

  /** Rejects with what has ended the stream, if it has. */
  throwIfOver(): void {
    if (this.#over !== undefined) throw this.#over.failure?.reason ?? peerEnded();
  }

  push(item: I): void {
    if (this.#requests.settle(item)) return;
    const [first] = this.#waiting;
    if (first === undefined) return void this.#unread.push(item);
    this.#waiting.delete(first);
    first.resolve(item);
  }

  drained(): void | Promise<void> {
    if (this.#over !== undefined || this.#waiting.size > 0) return;
    if (this.#requests.size > 0) {
      const unread = this.#unread.length - this.#read;
      if (unread <= this.#maxUnread) return;
      this.#end({ reason: this.#tooMany(unread) });
      return;
    }
    return (this.#wanted ??= Promise.withResolvers()).promise;
  }

  stopped(): void {
    this.#origin.stop();
  }

  settled(failure?: Failure): void {
    this.#end(failure);
  }

  #next(): I {
    const item = this.#unread[this.#read++];
    if (this.#read === this.#unread.length) {
      this.#unread = [];
      this.#read = 0;
    }
    return item;
  }

  #end(failure: Failure | undefined): void {
    if (this.#over !== undefined) return;
    this.#over = { failure };
    if (failure !== undefined) void this.#origin.cancel(failure.reason);
    this.#requests.fail(failure?.reason ?? peerEnded());
    for (const { resolve, reject } of this.#waiting) {
      failure === undefined ? resolve(undefined) : reject(failure.reason);
    }
    this.#waiting.clear();
  }

  #tooMany(unread: number): EchopipeError {
    return new EchopipeError(
      "busy",
      `Cannot read on: ${unread} items that answer no request were not received; expected at most ${this.#maxUnread}`,
      { received: unread, limit: this.#maxUnread },
    );
  }
}

function peerEnded(): EchopipeError {
  return new EchopipeError("closed", "Cannot get a reply: the peer has ended the connection");
}
