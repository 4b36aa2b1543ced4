/**
 * A Redis server in one file, for `redis-cli` and `redis-benchmark`: RESP 2, strings with PING, ECHO, SET, GET, DEL,
 * EXISTS, INCR, DBSIZE, FLUSHALL and QUIT, in memory.
 *
 * ```sh
 * deno run --allow-net examples/redis.ts 6379
 * node examples/redis.ts 6379
 * ```
 *
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 *
 * @module
 */
import process from "node:process";
import { decoder, encoder, serve, stage } from "echopipe";

// #region protocol
/** The name of a command, in capitals, and its other words: views, to be copied where they are kept. */
interface Request {
  readonly name: string;
  readonly words: Uint8Array[];
}

/** A reply: text is a status, bytes are a bulk string, null is none. */
type Reply = string | number | null | Uint8Array | Failure | Reply[];

class Failure {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const MAX_WORDS = 64 * 1024;
const MAX_REQUEST = 1024 * 1024;
const MAX_NAME = 128;

/** `*2\r\n$3\r\nGET\r\n$1\r\na\r\n`, or a line for people: `GET a`. */
export const requests = () =>
  decoder<Request>(function* (read) {
    if ((yield* read.peek()) !== 0x2a) return ofLine(yield* read.line());
    const begin = read.position;
    yield* read.literal("*");
    const count = yield* read.decimal("\r\n");
    if (count > MAX_WORDS) throw read.fault(`${count} words`, `at most ${MAX_WORDS}`);
    if (count <= 0) return;
    yield* read.literal("$");
    const name = (yield* read.text(yield* read.decimal("\r\n"), { limit: MAX_NAME })).toUpperCase();
    yield* read.literal("\r\n");
    const words: Uint8Array[] = [];
    while (words.length < count - 1) {
      yield* read.literal("$");
      words.push(yield* read.exactly(yield* read.decimal("\r\n")));
      yield* read.literal("\r\n");
      if (read.position > begin + MAX_REQUEST) throw read.fault("a longer request", `at most ${MAX_REQUEST} bytes`);
    }
    return { name, words };
  }, { limit: MAX_REQUEST });

function ofLine(line: string): Request | undefined {
  const [name, ...words] = line.split(" ").filter((word) => word !== "");
  return name === undefined ? undefined : { name: name.toUpperCase(), words: words.map(bytesOf) };
}

/** Replies as bytes. */
export const replies = () =>
  encoder<Reply>(function encode(reply, write) {
    if (typeof reply === "string") write.text(`+${reply}\r\n`);
    else if (typeof reply === "number") write.text(`:${reply}\r\n`);
    else if (reply === null) write.text("$-1\r\n");
    else if (reply instanceof Failure) write.text(`-ERR ${reply.text.replaceAll(/[\r\n]/g, " ")}\r\n`);
    else if (reply instanceof Uint8Array) {
      write.text(`$${reply.length}\r\n`);
      write.bytes(reply);
      write.text("\r\n");
    } else {
      write.text(`*${reply.length}\r\n`);
      for (const item of reply) encode(item, write);
    }
  });
// #endregion protocol

const textOf = ((decoder) => (bytes: Uint8Array) => decoder.decode(bytes))(new TextDecoder("latin1"));
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A command: the least number of its words, and the reply to them. */
type Command = readonly [words: number, run: (words: Uint8Array[], values: Map<string, Uint8Array>) => Reply];

const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["PING", [0, ([text]) => text ?? "PONG"]],
  ["ECHO", [1, ([text]) => text]],
  ["SET", [2, (words, values) => {
    if (words.length > 2) return new Failure("syntax error");
    values.set(textOf(words[0]), words[1].slice());
    return "OK";
  }]],
  ["GET", [1, ([key], values) => values.get(textOf(key)) ?? null]],
  ["DEL", [1, (keys, values) => keys.filter((key) => values.delete(textOf(key))).length]],
  ["EXISTS", [1, (keys, values) => keys.filter((key) => values.has(textOf(key))).length]],
  ["INCR", [1, ([key], values) => {
    const text = textOf(values.get(textOf(key)) ?? bytesOf("0"));
    const next = Number(text) + 1;
    if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(next)) {
      return new Failure("value is not an integer or out of range");
    }
    values.set(textOf(key), bytesOf(`${next}`));
    return next;
  }]],
  ["DBSIZE", [0, (_, values) => values.size]],
  ["FLUSHALL", [0, (_, values) => (values.clear(), "OK")]],
  ["COMMAND", [0, () => []]],
  ["CONFIG", [0, () => []]],
  ["QUIT", [0, () => "OK"]],
]);

/** The reply to a request. */
function answer({ name, words }: Request, values: Map<string, Uint8Array>): Reply {
  const command = commands.get(name);
  if (command === undefined) return new Failure(`unknown command '${name}'`);
  const [count, run] = command;
  return words.length < count ? new Failure(`wrong number of arguments for '${name}' command`) : run(words, values);
}

/** Serves on a port; 0: any free one. */
export function serveRedis(port: number) {
  const values = new Map<string, Uint8Array>();
  return serve({ port }, (peer) => {
    const answers = stage<Request, Reply>((request, out) => {
      out.push(answer(request, values));
      if (request.name === "QUIT") out.end();
    });
    return peer.readable.pipeThrough(requests()).pipeThrough(answers).pipeThrough(replies()).pipeTo(peer.writable);
  });
}

if (import.meta.main) {
  const server = await serveRedis(Number(process.argv[2] ?? 6379));
  console.log(`listening on ${server.address.address}:${server.address.port}`);
}
