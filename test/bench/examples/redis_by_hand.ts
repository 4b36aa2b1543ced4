/**
 * The server of examples/redis.ts as one writes it by hand on `node:net`: what that example is measured against.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import net from "node:net";
import process from "node:process";

const values = new Map<string, Uint8Array>();

/** Reads requests from the bytes of one connection. */
class Requests {
  #left: Buffer | undefined;
  #at = 0;

  add(bytes: Buffer, use: (words: Buffer[]) => void): void {
    const buffer = this.#left === undefined ? bytes : Buffer.concat([this.#left, bytes]);
    this.#at = 0;
    let begin = 0;
    for (let words; (words = this.#words(buffer)) !== undefined; begin = this.#at) use(words);
    this.#left = begin < buffer.length ? buffer.subarray(begin) : undefined;
  }

  #words(buffer: Buffer): Buffer[] | undefined {
    if (this.#at >= buffer.length) return undefined;
    if (buffer[this.#at] !== 0x2a) {
      const end = buffer.indexOf("\r\n", this.#at);
      if (end < 0) return undefined;
      const words = buffer.toString("utf8", this.#at, end).split(" ").filter(Boolean).map((word) => Buffer.from(word));
      this.#at = end + 2;
      return words;
    }
    const count = this.#count(buffer);
    if (count < 0) return undefined;
    const words: Buffer[] = [];
    for (let i = 0; i < count; i++) {
      const size = this.#count(buffer);
      if (size < 0 || this.#at + size + 2 > buffer.length) return undefined;
      if (size > 512 * 1024) throw new Error("too long");
      words.push(buffer.subarray(this.#at, this.#at + size));
      this.#at += size + 2;
    }
    return words;
  }

  #count(buffer: Buffer): number {
    let value = 0;
    for (let at = this.#at + 1; at + 1 < buffer.length; at++) {
      if (buffer[at] === 0x0d) {
        this.#at = at + 2;
        return value;
      }
      value = value * 10 + buffer[at] - 0x30;
    }
    return -1;
  }
}

const bulk = (bytes: Uint8Array) =>
  `$${bytes.length}\r\n${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")}\r\n`;

/** The reply to a request, in Latin-1. */
function answer(words: Buffer[]): string {
  switch (words[0].toString("latin1").toUpperCase()) {
    case "PING":
      return words[1] === undefined ? "+PONG\r\n" : bulk(words[1]);
    case "SET":
      values.set(words[1].toString("latin1"), Uint8Array.prototype.slice.call(words[2]));
      return "+OK\r\n";
    case "GET": {
      const value = values.get(words[1].toString("latin1"));
      return value === undefined ? "$-1\r\n" : bulk(value);
    }
    case "INCR": {
      const key = words[1].toString("latin1");
      const value = values.get(key);
      const next = (value === undefined ? 0 : Number(Buffer.from(value).toString("latin1"))) + 1;
      values.set(key, Buffer.from(`${next}`));
      return `:${next}\r\n`;
    }
    case "CONFIG":
      return "*0\r\n";
    default:
      return "-ERR unknown command\r\n";
  }
}

const server = net.createServer((socket) => {
  const requests = new Requests();
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes: Buffer) => {
    let replies = "";
    requests.add(bytes, (words) => replies += answer(words));
    if (replies !== "" && !socket.write(replies, "latin1")) {
      socket.pause();
      socket.once("drain", () => socket.resume());
    }
  });
});
server.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => {
  console.log(`listening on 127.0.0.1:${(server.address() as net.AddressInfo).port}`);
});
