/**
 * The connection of a server to NATS.
 *
 * @module
 */
import {
  jetstream,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstreamManager,
} from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { type Authenticator, connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { EchopipeError, messageOf } from "../errors.ts";

/** Limit of a request to NATS, in milliseconds. */
export const REQUEST_MS = 2000;
/** Delay before something of NATS is tried again, in milliseconds. */
export const RETRY_MS = 250;
/** Limit of the first connection, in milliseconds. */
const CONNECT_MS = 5000;
/** Interval of pings to NATS, in milliseconds: a connection on which two are not answered is made anew. */
const PING_MS = 4000;

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
  readonly manager: JetStreamManager;
  /** False while the connection is lost: a call would wait in a queue for it, for any time. */
  readonly connected: boolean;
  /** Opens a bucket of keys and values, which is created if there is none. */
  bucket(name: string): Promise<KV>;
  /** Calls back each time that the connection is lost, or made anew. Returns a function that ends this. */
  onChange(listener: () => void): () => void;
  /**
   * Calls NATS, if it is connected. Failures become `timed-out` (it is not known if the call was done) or `io`; what was
   * attempted stands in the message.
   */
  call<T>(attempt: string, call: () => Promise<T>): Promise<T>;
}

/**
 * Connects to NATS.
 *
 * @throws {EchopipeError} `invalid-argument` for a URL that is none or has a password, or credentials that are none;
 * `connection-refused` where no server answers
 */
export async function openNats({ url, credentials }: NatsOptions): Promise<Nats> {
  const servers = url.split(",").map(checkUrl);
  const connection = await connect({
    servers,
    name: "echopipe",
    timeout: CONNECT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    ignoreAuthErrorAbort: true,
    pingInterval: PING_MS,
    ...(url.includes("tls://") && { tls: {} }),
    ...(credentials !== undefined && { authenticator: authenticatorOf(credentials) }),
  }).catch((cause) => {
    throw new EchopipeError("connection-refused", `Cannot connect to NATS at ${url}: ${messageOf(cause)}`, { cause });
  });
  const stream = jetstream(connection, { timeout: REQUEST_MS });
  const manager = await jetstreamManager(connection, { timeout: REQUEST_MS }).catch(async (cause) => {
    await connection.close();
    throw new EchopipeError("io", `Cannot use NATS at ${url}: its JetStream does not answer (${messageOf(cause)})`, {
      cause,
    });
  });
  const buckets = new Kvm(stream);
  const listeners = new Set<() => void>();
  let connected = true;
  const change = (now: boolean) => {
    connected = now;
    for (const listener of [...listeners]) listener();
  };
  const following = (async () => {
    for await (const { type } of connection.status()) {
      if (type === "disconnect" || type === "reconnect") change(type === "reconnect");
    }
    change(false);
  })().catch(() => change(false));
  const call = async <T>(attempt: string, call: () => Promise<T>): Promise<T> => {
    if (!connected) throw new EchopipeError("io", `Cannot ${attempt}: NATS cannot be reached`);
    return await natsCall(attempt, call);
  };
  return {
    connection,
    stream,
    manager,
    get connected() {
      return connected;
    },
    bucket: (name) =>
      call(`open the bucket "${name}"`, () => buckets.create(name, { timeout: REQUEST_MS, allow_direct: false })),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await following;
    },
  };
}

/** The authenticator of a credentials file. The file is read by the library at each connection: a bad one fails here. */
function authenticatorOf(credentials: string): Authenticator {
  const authenticate = credsAuthenticator(new TextEncoder().encode(credentials));
  try {
    authenticate("nonce");
  } catch (cause) {
    const message = "Cannot use the credentials for NATS: they are not in the form of a credentials file; " +
      "expected a JWT and the seed of its user, as nsc writes them";
    throw new EchopipeError("invalid-argument", message, { cause });
  }
  return authenticate;
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

async function natsCall<T>(attempt: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof EchopipeError) throw cause; // it says already what failed
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
