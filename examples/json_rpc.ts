/**
 * JSON-RPC 2.0 in one file: a server of methods, a client with any number of calls in flight. One JSON object a line,
 * over TCP, TLS or a Unix socket: whatever `connect` and `serve` speak.
 *
 * ```sh
 * deno run --allow-net examples/json_rpc.ts 9092     # serves; echo '{"jsonrpc":"2.0","id":1,"method":"add","params":[1,2]}' | nc ...
 * node examples/json_rpc.ts 9092
 * ```
 *
 * https://www.jsonrpc.org/specification
 *
 * @module
 */
import process from "node:process";
import {
  connect,
  type Connection,
  Conversation,
  decoder,
  encoder,
  mapConcurrent,
  serve,
  type ServeOptions,
} from "echopipe";

// #region protocol
type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Id = string | number | null;

interface Call {
  readonly jsonrpc: "2.0";
  /** Missing: a notification, which is not answered. */
  readonly id?: Id;
  readonly method: string;
  readonly params?: Json;
}

interface Reply {
  readonly jsonrpc: "2.0";
  readonly id: Id;
  readonly result?: Json;
  readonly error?: { readonly code: number; readonly message: string };
}

const MAX_LINE = 1024 * 1024;

/** One JSON value a line; one that is not JSON is undefined. */
function lines<I, O>() {
  return {
    decoder: decoder<{ readonly value: I | undefined }>(function* (read) {
      return { value: parse(yield* read.line()) as I | undefined };
    }, { limit: MAX_LINE }),
    encoder: encoder<O>((item, write) => write.text(JSON.stringify(item) + "\n")),
  };
}
// #endregion protocol

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** A method of a server. */
export type Method = (params: Json | undefined, context: { signal: AbortSignal; peer: Connection }) =>
  | Json
  | Promise<Json>;

const failure = (id: Id, code: number, message: string): Reply => ({ jsonrpc: "2.0", id, error: { code, message } });

/** Serves methods, by default on any free port. Up to a hundred calls of a connection are worked on at a time. */
export function serveRpc(methods: Readonly<Record<string, Method>>, at: ServeOptions = {}) {
  return serve(at, (peer) => {
    const { decoder, encoder } = lines<Call, Reply>();
    const calls = mapConcurrent<{ readonly value: Call | undefined }, Reply, Connection>(
      100,
      ({ value }, context) => {
        if (value === undefined) return failure(null, -32700, "Parse error");
        if (value === null || value.jsonrpc !== "2.0" || typeof value.method !== "string") {
          return failure(null, -32600, "Invalid Request");
        }
        return reply(methods, value, context);
      },
      { ordered: false, peer },
    );
    return peer.readable.pipeThrough(decoder).pipeThrough(calls).pipeThrough(encoder).pipeTo(peer.writable);
  });
}

/** The reply to a call; undefined to a notification. A method that need not wait makes no promise. */
function reply(
  methods: Readonly<Record<string, Method>>,
  { id, method, params }: Call,
  context: { signal: AbortSignal; peer: Connection },
): Reply | undefined | Promise<Reply | undefined> {
  const done = (result: Json): Reply | undefined => id === undefined ? undefined : { jsonrpc: "2.0", id, result };
  const failed = (code: number, message: string) => id === undefined ? undefined : failure(id, code, message);
  if (!Object.hasOwn(methods, method)) return failed(-32601, "Method not found");
  const broken = (error: unknown) => failed(-32000, error instanceof Error ? error.message : String(error));
  try {
    const result = methods[method](params, context);
    return result instanceof Promise ? result.then(done, broken) : done(result);
  } catch (error) {
    return broken(error);
  }
}

/** A client: `await client.call("add", [1, 2])`. */
export class RpcClient implements AsyncDisposable {
  readonly #peer: Conversation<{ readonly value: Reply | undefined }, Call>;
  #calls = 0;

  /** Makes a client over a connection. */
  constructor(connection: Connection) {
    this.#peer = new Conversation(connection, lines<Reply, Call>(), {
      match: { request: ({ id }) => id, reply: ({ value }) => value?.id },
    });
  }

  /** Calls a method; rejects with its error. */
  async call(method: string, params?: Json, signal?: AbortSignal): Promise<Json | undefined> {
    const call: Call = { jsonrpc: "2.0", id: ++this.#calls, method, params };
    const { value } = await this.#peer.request(call, { signal });
    if (value?.error !== undefined) throw new Error(`${value.error.message} (${value.error.code})`);
    return value?.result;
  }

  /** Calls a method that is not to answer. */
  notify(method: string, params?: Json): Promise<void> {
    return this.#peer.send({ jsonrpc: "2.0", method, params });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer[Symbol.asyncDispose]();
  }
}

if (import.meta.main) {
  const add: Method = (params) => (params as number[]).reduce((sum, n) => sum + n, 0);
  const server = await serveRpc({ add }, { port: Number(process.argv[2] ?? 9092) });
  console.log(`listening on ${server.address.address}:${server.address.port}`);
  await using client = new RpcClient(await connect({ port: server.address.port }));
  const sums = await Promise.all(Array.from({ length: 10_000 }, (_, i) => client.call("add", [i, 1])));
  console.log(`10,000 calls in flight, the last one's sum: ${sums.at(-1)}`);
}
