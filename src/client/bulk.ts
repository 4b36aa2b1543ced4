/**
 * Bulk echo: a file through the server and back.
 *
 * @module
 */
import { EchopipeError } from "../errors.ts";
import { count } from "../observers/count.ts";
import { type Digest, digest } from "../observers/digest.ts";
import { pipeline } from "../stage/pipeline.ts";
import { stage } from "../stage/stage.ts";
import type { ByteSink, ByteSource } from "../pipe/bytes.ts";
import type { Connection } from "../transport/connection.ts";
import { pipe } from "../pipe/pipe.ts";
import { toBytes, toData } from "./blocks.ts";
import { Greeting, type Introduction } from "./greeting.ts";
import { type ClientFraming, decoderOf, framingOf } from "./framing.ts";

/** Interval of progress reports and of the check for a stalled transfer, in milliseconds. */
const INTERVAL_MS = 200;
/** Wait for the sending direction to end once the receiving direction has ended, in milliseconds. */
const END_MS = 100;

/** Options of {@linkcode bulkEcho}. */
export interface BulkOptions {
  /** Default `message`, the only framing in which no data is taken for a command. */
  readonly framing?: ClientFraming;
  /** Limit for the server to make progress, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** Called five times a second once the server has admitted the client, and at the end. */
  readonly onProgress?: (progress: BulkProgress) => void;
  /** Answers to the server's login. Default: none. */
  readonly introduction?: Introduction;
}

/** Progress of bulk echo. */
export interface BulkProgress {
  /** Bytes sent so far, headers not counted. */
  readonly sent: number;
  /** Bytes received so far. */
  readonly received: number;
  /** Numbers of chunks sent and received. */
  readonly chunks: { readonly sent: number; readonly received: number };
}

/** Result of bulk echo. */
export interface BulkResult {
  /** Bytes sent, headers not counted. */
  readonly sent: number;
  /** Bytes received. */
  readonly received: number;
  /** The XXH128 digest of what was sent, in hexadecimal; undefined where sending was cut short. */
  readonly sentDigest?: string;
  /** The digest of what was received; undefined where that was cut short. */
  readonly receivedDigest?: string;
  /** True if the echo is identical: same length, same digest. */
  readonly matched: boolean;
  /** From the first byte to the last, in seconds. */
  readonly seconds: number;
  /** The failure that cut the echo short. */
  readonly failure?: unknown;
}

/**
 * Sends all of `source` through the server to `sink`, sending and receiving at once. A slow sink slows the sending down, so
 * memory stays bounded for any size.
 *
 * A failure of the connection is part of the result; what was received before it is in the sink. More bytes than were sent
 * are such a failure: the connection ends at the first of them.
 *
 * @throws {EchopipeError} `timed-out`, `refused`; also what source or sink throw
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

  // A pipe that fails does not end the connection by itself: the first failure does, and is kept.
  const keep = { preventAbort: true, preventCancel: true };
  const outgoing = framing === "message"
    ? pipeline(sent, sentDigest, toData(), codec.encoder)
    : pipeline(sent, sentDigest);
  const notBeyond = stage<Uint8Array, Uint8Array>((bytes, out) => {
    const excess = received.bytes - sent.bytes;
    if (excess > 0) throw new EchopipeError("protocol", `The server sent ${excess} bytes more than it received`);
    out.push(bytes);
  });
  const incoming = pipeline(decoderOf(framing), greeting, toBytes(), received, notBeyond, receivedDigest);

  let began = performance.now();
  let failure: unknown;
  let allSent = false;
  const fail = (error: unknown) => {
    failure ??= error;
    connection.abort();
  };
  const tell = () => {
    if (!greeting.done) return;
    const chunks = { sent: sent.items, received: received.items };
    onProgress?.({ sent: sent.bytes, received: received.bytes, chunks });
  };
  const send = async () => {
    await greeting.greet(connection, timeoutMs);
    began = performance.now(); // a login takes as long as a person takes
    await pipe(own.source(source), outgoing, connection, keep);
    allSent = true;
  };
  let moved = { bytes: -1, at: began };
  const watch = setInterval(() => {
    tell();
    const bytes = connection.traffic.sent + connection.traffic.received;
    const now = performance.now();
    // Time spent waiting for source or sink does not count. After everything is sent the server has to end, too.
    const outstanding = received.bytes < sent.bytes || !greeting.done || allSent;
    if (bytes !== moved.bytes || watched.busy || !outstanding) moved = { bytes, at: now };
    else if (now - moved.at > timeoutMs) {
      fail(new EchopipeError("timed-out", `Cannot go on: nothing has moved for ${timeoutMs / 1000} s`));
    }
  }, INTERVAL_MS);

  try {
    const back = pipe(connection, incoming, watched, keep).catch(fail);
    const out = send().catch(fail);
    await back;
    // Both directions end at nearly the same time: the other one may have ended but not reported it yet.
    await Promise.race([out, new Promise((resume) => setTimeout(resume, END_MS))]);
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
  if (failure instanceof EchopipeError && failure.code === "tls" && received.bytes === 0) throw failure;
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

/** The digest, if its stream has ended. */
function hexOf(digest: Digest<Uint8Array>): string | undefined {
  try {
    return digest.hex;
  } catch {
    return undefined;
  }
}

/** Distinguishes failures of source and sink, which the caller owns, from those of the connection. */
class OwnFailures {
  #first: { reason: unknown } | undefined;

  source(source: ByteSource): ByteSource {
    return {
      read: () => this.#watch(source.read()),
      release: () => source.release(),
      abort: (reason) => source.abort(reason),
    };
  }

  /** The sink; `busy` while a write is pending. */
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
