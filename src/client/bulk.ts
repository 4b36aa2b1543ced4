/**
 * Bulk echo: a file through the server and back.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { count } from "../observers/count.ts";
import { type Digest, digest } from "../observers/digest.ts";
import { pipeline } from "../stage/pipeline.ts";
import type { ByteSink, ByteSource } from "../pipe/bytes.ts";
import type { Connection } from "../transport/connection.ts";
import { pipe } from "../pipe/pipe.ts";
import { toBytes, toData } from "./blocks.ts";
import { Greeting, type Introduction } from "./greeting.ts";
import { type ClientFraming, decoderOf, framingOf } from "./framing.ts";

/** How often progress is looked at, in milliseconds. */
const WATCH_MS = 200;
/** How long the last word of a connection that ended is waited for, in milliseconds. */
const LAST_WORD_MS = 100;

/** How bulk echo is done. */
export interface BulkOptions {
  /** Default `message`: the only framing in which nothing in the data is a command. */
  readonly framing?: ClientFraming;
  /** Gives up if nothing moves for so long while bytes are out, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Called now and then, and when it is over. */
  readonly onProgress?: (progress: BulkProgress) => void;
  /** What the client says for itself where the server asks. Default: nothing. */
  readonly introduction?: Introduction;
}

/** How far bulk echo is. */
export interface BulkProgress {
  /** Bytes sent so far, headers not counted. */
  readonly sent: number;
  /** Bytes that have come back. */
  readonly received: number;
  /** In how many chunks they were sent, and came. */
  readonly chunks: { readonly sent: number; readonly received: number };
}

/** What bulk echo came to. */
export interface BulkResult {
  /** Bytes sent, headers not counted. */
  readonly sent: number;
  /** Bytes that came back. */
  readonly received: number;
  /** The XXH128 digest of what was sent, in hexadecimal; undefined where the sending was cut short. */
  readonly sentDigest?: string;
  /** The digest of what came back; undefined where it was cut short. */
  readonly receivedDigest?: string;
  /** Whether both are the same, and as long. */
  readonly matched: boolean;
  /** From the first byte to the last, in seconds. */
  readonly seconds: number;
  /** Why the echo ended before it was whole, where it did. */
  readonly failure?: unknown;
}

/**
 * Sends all of `source` through the server to `sink`, sending and receiving at once: what the sink does not take, the
 * server is not sent. Memory stays flat, whatever the size.
 *
 * A failure of the connection is part of the result: what came back before it is in the sink.
 *
 * @throws {EchopipeError} `timed-out`, `refused`, and whatever source and sink fail with
 */
export async function bulkEcho(
  connection: Connection,
  source: ByteSource,
  sink: ByteSink,
  options: BulkOptions = {},
): Promise<BulkResult> {
  const { framing = "message", timeoutMs = 30_000, onProgress } = options;
  const [sentDigest, receivedDigest] = await Promise.all([digest(), digest()]);
  const [sent, received] = [count(), count()];
  const codec = framingOf(framing);
  const greeting = new Greeting(framing === "message", options.introduction);
  const own = new OwnFailures();
  const watched = own.sink(sink);

  // Whichever fails first ends the other: not by its own pipe, which would hide why.
  const leave = { preventAbort: true, preventCancel: true };
  const send = () =>
    pipe(
      own.source(source),
      framing === "message" ? pipeline(sent, sentDigest, toData(), codec.encoder) : pipeline(sent, sentDigest),
      connection,
      leave,
    );
  const receive = () =>
    pipe(connection, pipeline(decoderOf(framing), greeting, toBytes(), received, receivedDigest), watched, leave);

  const began = performance.now();
  let failure: unknown;
  let allSent = false;
  const fail = (error: unknown) => {
    failure ??= error;
    connection.abort();
  };
  const tell = () =>
    onProgress?.({
      sent: sent.bytes,
      received: received.bytes,
      chunks: { sent: sent.items, received: received.items },
    });
  let moved = { bytes: -1, at: began };
  const watch = setInterval(() => {
    tell();
    const bytes = connection.traffic.sent + connection.traffic.received;
    const now = performance.now();
    // Waiting for the source or the sink is no fault of the server. After all is sent it has to end, too.
    const outstanding = received.bytes < sent.bytes || !greeting.done || allSent;
    if (bytes !== moved.bytes || watched.busy || !outstanding) moved = { bytes, at: now };
    else if (now - moved.at > timeoutMs) {
      fail(new EchopipeError("timed-out", `Cannot go on: nothing has moved for ${timeoutMs / 1000} s`));
    }
  }, WATCH_MS);

  try {
    const back = receive().catch(fail);
    const out = greeting.greet(connection, timeoutMs).then(() => send()).then(() => allSent = true).catch(fail);
    await back;
    // Both ends close at nearly the same time: what is over already may only need to be heard of.
    await Promise.race([out, new Promise((resume) => setTimeout(resume, LAST_WORD_MS))]);
    if (!allSent) {
      fail(greeting.refusal ?? new EchopipeError("ended", "The server ended the connection before all was sent"));
      await source.abort();
    }
  } finally {
    clearInterval(watch);
    tell();
  }
  own.rethrow();
  if (failure instanceof EchopipeError && (failure.code === "timed-out" || failure.code === "refused")) throw failure;
  return {
    sent: sent.bytes,
    received: received.bytes,
    sentDigest: hexOf(sentDigest),
    receivedDigest: hexOf(receivedDigest),
    matched: failure === undefined && sent.bytes === received.bytes && sentDigest.hex === receivedDigest.hex,
    seconds: (performance.now() - began) / 1000,
    failure,
  };
}

/** A digest, if its stream has ended. */
function hexOf(digest: Digest<Uint8Array>): string | undefined {
  try {
    return digest.hex;
  } catch {
    return undefined;
  }
}

/** Tells the failures of source and sink, which are the caller's, from those of the connection. */
class OwnFailures {
  #first: { reason: unknown } | undefined;

  source(source: ByteSource): ByteSource {
    return {
      read: () => this.#watch(source.read()),
      release: () => source.release(),
      abort: (reason) => source.abort(reason),
    };
  }

  /** The sink, with a field that tells whether it is at work. */
  sink(sink: ByteSink): ByteSink & { busy: boolean } {
    const watched = {
      busy: false,
      write: async (bytes: Uint8Array) => {
        watched.busy = true;
        await this.#watch(sink.write(bytes));
        watched.busy = false;
      },
      endWrite: () => this.#watch(sink.endWrite()),
      abort: (reason: unknown) => sink.abort(reason),
    };
    return watched;
  }

  rethrow(): void {
    if (this.#first) throw this.#first.reason;
  }

  async #watch<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (reason) {
      this.#first ??= { reason };
      throw reason;
    }
  }
}
