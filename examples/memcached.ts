/**
 * A cache in one file, for clients of memcached that speak its binary protocol: GET, SET, ADD, REPLACE, DELETE,
 * FLUSH, NOOP and QUIT, with expiry. Values that were used least recently make room.
 *
 * ```sh
 * deno run --allow-net examples/memcached.ts 11211
 * node examples/memcached.ts 11211
 * ```
 *
 * https://docs.memcached.org/protocols/binary/
 *
 * @module
 */
import process from "node:process";
import { decoder, encoder, serve, stage } from "echopipe";

// #region protocol
/** A request; its bytes are views, to be copied where they are kept. */
interface Request {
  readonly opcode: number;
  readonly opaque: number; // the reply repeats it
  readonly extras: Uint8Array;
  readonly key: string;
  readonly value: Uint8Array | undefined; // undefined: too long, and dropped
}

interface Reply {
  readonly status?: number;
  readonly extras?: Uint8Array;
  readonly value?: Uint8Array;
}

const MAX_KEY = 250;
const MAX_VALUE = 1024 * 1024;

/** A header of 24 bytes, then extras, key and value, of which it has the lengths. */
export const requests = () =>
  decoder<Request>(function* (read) {
    const magic = yield* read.u8();
    if (magic !== 0x80) throw read.fault(`a magic of ${magic}`, "128, that of requests", read.position - 1);
    const opcode = yield* read.u8();
    const keySize = yield* read.u16();
    const extrasSize = yield* read.u8();
    yield* read.skip(3); // type of the data, and a bucket: not in use
    const valueSize = (yield* read.u32()) - keySize - extrasSize;
    const opaque = yield* read.u32();
    yield* read.skip(8); // compare-and-set: not in use
    if (valueSize < 0) throw read.fault(`a value of ${valueSize} bytes`, "0 or more", read.position - 16);
    const extras = yield* read.exactly(extrasSize);
    const key = textOf(yield* read.exactly(keySize, { limit: MAX_KEY }));
    let value: Uint8Array | undefined;
    if (valueSize > MAX_VALUE) yield* read.skip(valueSize);
    else value = yield* read.exactly(valueSize);
    return { opcode, opaque, extras, key, value };
  });

/** Replies, each with the request it belongs to. */
const replies = () =>
  encoder<{ request: Request; reply: Reply }>(({ request, reply }, write) => {
    const { status = OK, extras = none, value = none } = reply;
    write.bytes(Uint8Array.of(0x81, request.opcode, 0, 0, extras.length, 0)); // no key
    write.u16(status);
    write.u32(extras.length + value.length);
    write.u32(request.opaque);
    write.bytes(new Uint8Array(8));
    for (const part of [extras, value]) write.bytes(part);
  });
// #endregion protocol

const [OK, NOT_FOUND, EXISTS, TOO_LARGE, INVALID, UNKNOWN] = [0, 1, 2, 3, 4, 0x81];
const [GET, SET, ADD, REPLACE, DELETE, QUIT, FLUSH, NOOP] = [0, 1, 2, 3, 4, 7, 8, 10];
const none = new Uint8Array(0);
/** A character a byte: keys are of any encoding. */
const textOf = (bytes: Uint8Array) => String.fromCharCode(...bytes);

interface Entry {
  readonly value: Uint8Array;
  readonly flags: Uint8Array;
  readonly expires: number; // milliseconds since 1970, or Infinity
}

/** Seconds from now, or since 1970 where they are more than 30 days; 0: never. */
function expiry({ buffer, byteOffset }: Uint8Array): number {
  const seconds = new DataView(buffer, byteOffset).getUint32(4);
  return seconds === 0 ? Infinity : 1000 * seconds + (seconds > 30 * 86_400 ? 0 : Date.now());
}

/** Answers requests by values that take at most so many bytes. */
function cache(maxBytes: number): (request: Request) => Reply {
  const entries = new Map<string, Entry>(); // in the order of their last use
  let bytes = 0;
  const sizeOf = (key: string, { value }: Entry) => key.length + value.length + 100;
  function remove(key: string): void {
    const entry = entries.get(key);
    if (entry !== undefined) bytes -= sizeOf(key, entry);
    entries.delete(key);
  }
  function put(key: string, entry: Entry): Reply {
    remove(key);
    entries.set(key, entry);
    bytes += sizeOf(key, entry);
    while (bytes > maxBytes) remove(entries.keys().next().value!);
    return {};
  }
  return ({ opcode, key, extras, value }) => {
    if (extras.length !== (opcode >= SET && opcode <= REPLACE ? 8 : 0)) return { status: INVALID };
    if (value === undefined) return { status: TOO_LARGE };
    const found = entries.get(key);
    const old = found !== undefined && found.expires > Date.now() ? found : undefined;
    switch (opcode) {
      case GET:
        if (old === undefined) return { status: NOT_FOUND };
        return { ...put(key, old), extras: old.flags, value: old.value };
      case ADD:
      case REPLACE:
      case SET:
        if (opcode === ADD && old !== undefined) return { status: EXISTS };
        if (opcode === REPLACE && old === undefined) return { status: NOT_FOUND };
        // Copies: the bytes of a request are valid until it is answered.
        return put(key, { value: value.slice(), flags: extras.slice(0, 4), expires: expiry(extras) });
      case DELETE:
        remove(key);
        return old === undefined ? { status: NOT_FOUND } : {};
      case FLUSH:
        entries.clear();
        bytes = 0;
        return {};
      default:
        return opcode === NOOP || opcode === QUIT ? {} : { status: UNKNOWN };
    }
  };
}

/** Serves on a port; 0: any free one. */
export function serveCache(port: number, maxBytes: number = 64 * 1024 * 1024) {
  const answer = cache(maxBytes);
  return serve({ port }, (peer) => {
    const answers = stage<Request, { request: Request; reply: Reply }>((request, out) => {
      out.push({ request, reply: answer(request) });
      if (request.opcode === QUIT) out.end();
    });
    return peer.readable.pipeThrough(requests()).pipeThrough(answers).pipeThrough(replies()).pipeTo(peer.writable);
  });
}

if (import.meta.main) {
  const server = await serveCache(Number(process.argv[2] ?? 11211));
  console.log(`listening on ${server.address.address}:${server.address.port}`);
}
