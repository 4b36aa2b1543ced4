/**
 * Connecting to the first of several addresses that answers: Happy Eyeballs (RFC 8305).
 *
 * @module
 */
import type { EchopipeError } from "../errors.ts";

/** Time until the next address is tried beside those that have not answered, in milliseconds (RFC 8305, 5). */
export const STAGGER_MS = 250;

/** An address of a name. */
export interface Candidate {
  readonly address: string;
  readonly family: number;
}

/** Sorts addresses: IPv6 first, then the families in turns, each in the order of the system (RFC 8305, 4). */
export function interleaved<T extends Candidate>(found: readonly T[]): T[] {
  const six = found.filter(({ family }) => family === 6);
  const four = found.filter(({ family }) => family !== 6);
  const sorted: T[] = [];
  for (let i = 0; i < six.length || i < four.length; i++) sorted.push(...six.slice(i, i + 1), ...four.slice(i, i + 1));
  return sorted;
}

/** The parts of {@linkcode firstOf}. */
export interface Attempts<A, T> {
  /** Connects to one address. The signal gives it up. */
  connect(address: A, signal: AbortSignal): Promise<T>;
  /** Closes a connection that came too late. */
  drop(late: T): void;
  /** Gives all attempts up: they fail with its reason. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Connects to addresses, one after the other: the next is tried when one has failed, or after 250 ms. The first
 * connection wins; the other attempts are given up. Where all fail, the failure that says most is thrown.
 */
export function firstOf<A, T>(addresses: readonly A[], { connect, drop, signal }: Attempts<A, T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const others = new AbortController();
  const failures: unknown[] = [];
  let next = 0;
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const finish = () => {
    over = true;
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    others.abort();
  };
  const abort = () => {
    if (over) return;
    finish();
    reject(signal!.reason);
  };
  const won = (connection: T) => {
    if (over) return drop(connection);
    finish();
    resolve(connection);
  };
  const failed = (error: unknown) => {
    if (over) return;
    failures.push(error);
    if (next < addresses.length) return begin();
    if (failures.length < addresses.length) return;
    finish();
    reject(failures.find((error) => (error as EchopipeError).code !== "unreachable") ?? error);
  };
  const begin = () => {
    clearTimeout(timer);
    connect(addresses[next++], others.signal).then(won, failed);
    if (next < addresses.length) timer = setTimeout(begin, STAGGER_MS);
  };
  if (signal?.aborted) return Promise.reject(signal.reason);
  signal?.addEventListener("abort", abort, { once: true });
  begin();
  return promise;
}
