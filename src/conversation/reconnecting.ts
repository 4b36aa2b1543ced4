/**
 * Connections that are opened again.
 *
 * @module
 */
import { EchopipeError, type ErrorCode } from "../errors.ts";

/** Times between attempts to connect, in milliseconds. */
export interface Backoff {
  /** The first wait. Default 100. */
  readonly min?: number;
  /** The longest wait. Default 30,000. */
  readonly max?: number;
  /** Ratio of each wait to the one before. Default 2. */
  readonly factor?: number;
}

/** The options of {@linkcode reconnecting}. */
export interface ReconnectingOptions {
  /** Times between attempts. Each is spread by a quarter either way, so that many clients do not fall into step. */
  readonly backoff?: Backoff;
  /** Ends the waits when it is aborted: the iteration throws its reason. */
  readonly signal?: AbortSignal;
  /** Called before each wait with its length in milliseconds and, after a failed attempt, its error. */
  readonly onWait?: (ms: number, error?: unknown) => void;
  /**
   * Says if another attempt makes sense after an error of `open`; if not, the iteration throws it. Default: after the
   * failures of a network, not after `invalid-argument`, `permission`, `tls` and errors that are not of this library.
   */
  readonly retry?: (error: unknown) => boolean;
}

const passing: ReadonlySet<ErrorCode> = new Set([
  "connection-refused",
  "unreachable",
  "host-not-found",
  "timed-out",
  "reset",
  "closed",
  "busy",
  "io",
]);

/**
 * Opens a connection, and another one whenever the loop asks for the next: a loop over connections, one at a time. Each
 * is disposed of at the end of its turn. An error in the body of the loop ends the loop, as ever: catch there what a
 * lost connection throws.
 *
 * The waits grow while attempts fail, and begin anew after a connection that has lasted longer than the last wait.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { connect, listen, reconnecting } from "echopipe";
 *
 * await using listener = await listen({}, (peer) => peer.write(new TextEncoder().encode("hello")));
 * const { port } = listener.address;
 * let turns = 0;
 * for await (const connection of reconnecting(() => connect({ port }), { backoff: { min: 10 } })) {
 *   assert.equal(await new Response(connection.readable).text(), "hello");
 *   if (++turns === 3) break;
 * }
 * ```
 *
 * @throws {EchopipeError} `invalid-argument` for waits out of their range; what `open` throws, unless it is retried
 */
export async function* reconnecting<C extends AsyncDisposable>(
  open: () => Promise<C>,
  { backoff = {}, signal, onWait, retry = isPassing }: ReconnectingOptions = {},
): AsyncGenerator<C, void, void> {
  const { min = 100, max = 30_000, factor = 2 } = backoff;
  if (!(min >= 1 && max >= min && factor >= 1)) {
    throw new EchopipeError(
      "invalid-argument",
      `Cannot wait from ${min} to ${max} ms, growing by ${factor}: expected 1 or more, no less, and 1 or more`,
    );
  }
  for (let wait = min;; wait = Math.min(wait * factor, max)) {
    signal?.throwIfAborted();
    const begin = performance.now();
    const failure = yield* oneConnection(open, retry);
    if (failure === undefined && performance.now() - begin > wait) wait = min;
    const spread = wait * (0.75 + Math.random() / 2);
    onWait?.(spread, failure?.reason);
    await delay(spread, signal);
  }
}

/** One turn: yields a connection, and disposes of it. Returns the error of an attempt that failed. */
async function* oneConnection<C extends AsyncDisposable>(
  open: () => Promise<C>,
  retry: (error: unknown) => boolean,
): AsyncGenerator<C, { readonly reason: unknown } | undefined, void> {
  let opened: C;
  try {
    opened = await open();
  } catch (reason) {
    if (!retry(reason)) throw reason;
    return { reason };
  }
  try { // no `await using`: Node knows it from 24 on
    yield opened;
  } finally {
    await opened[Symbol.asyncDispose]();
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof EchopipeError && passing.has(error.code);
}

function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
