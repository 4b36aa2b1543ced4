/**
 * The connection of a server to NATS.
 *
 * @module
 */
import { jetstream, JetStreamApiError, type JetStreamClient } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { EchopipeError, messageOf } from "../errors.ts";

/** Limit of a request to NATS, in milliseconds. */
export const REQUEST_MS = 2000;
/** Limit of the first connection, in milliseconds. */
const CONNECT_MS = 5000;
/** Delay before NATS is tried again after it is gone, in milliseconds. */
const RETRY_MS = 250;

/** NATS's code of a write at another revision than the last. */
const WRONG_REVISION = 10071;

/** The options of {@linkcode openNats}. */
export interface NatsOptions {
  /** `nats://HOST:PORT`, or `tls://HOST:PORT`; several are separated by commas. Secrets do not belong into it. */
  readonly url: string;
  /** The contents of a credentials file, as `nsc` writes it. Default: none are sent. */
  readonly credentials?: string;
}

/** A connection to NATS that is kept up: it is made anew as often as it is lost. */
export interface Nats extends AsyncDisposable {
  readonly connection: NatsConnection;
  readonly stream: JetStreamClient;
  /** Opens a bucket of keys and values, which is created if there is none. */
  bucket(name: string): Promise<KV>;
}

/**
 * Connects to NATS.
 *
 * @throws {EchopipeError} `invalid-argument` for a URL that is none or has a password, `connection-refused` where no
 * server answers
 */
export async function openNats({ url, credentials }: NatsOptions): Promise<Nats> {
  const servers = url.split(",").map(checkUrl);
  const connection = await connect({
    servers,
    name: "echopipe",
    timeout: CONNECT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    ...(url.includes("tls://") && { tls: {} }),
    ...(credentials !== undefined && { authenticator: credsAuthenticator(new TextEncoder().encode(credentials)) }),
  }).catch((cause) => {
    throw new EchopipeError("connection-refused", `Cannot connect to NATS at ${url}: ${messageOf(cause)}`, { cause });
  });
  const stream = jetstream(connection, { timeout: REQUEST_MS });
  const buckets = new Kvm(stream);
  return {
    connection,
    stream,
    bucket: (name) => natsCall(`open the bucket "${name}"`, () => buckets.create(name, { timeout: REQUEST_MS })),
    async [Symbol.asyncDispose]() {
      await connection.close();
    },
  };
}

/** A URL of NATS. A password in it would be seen by everybody who lists the processes. */
function checkUrl(text: string): string {
  const fail = (found: string, expected: string) =>
    new EchopipeError(
      "invalid-argument",
      `Cannot use the cluster "${printableUrl(text)}": ${found}; expected ${expected}`,
    );
  if (!/^(nats|tls):\/\//.test(text) || !URL.canParse(text)) {
    throw fail("it is no URL of NATS", "nats://HOST:PORT or tls://HOST:PORT");
  }
  const { username, password } = new URL(text);
  if (username !== "" || password !== "") throw fail("it holds credentials", "a file of credentials beside it");
  return text;
}

/** The URL without what may be a password. */
function printableUrl(text: string): string {
  return text.replace(/\/\/[^@/]*@/, "//");
}

/** Calls NATS. Its failures become `timed-out` or `io`; what was attempted stands in the message. */
export async function natsCall<T>(attempt: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    const code = cause instanceof Error && cause.name === "TimeoutError" ? "timed-out" : "io";
    throw new EchopipeError(code, `Cannot ${attempt}: NATS does not answer as expected (${messageOf(cause)})`, {
      cause,
    });
  }
}

/** True for the failure of a write at a revision that is not the last. */
export function isWrongRevision(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === WRONG_REVISION;
}
