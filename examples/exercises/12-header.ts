// Exercise 12: text behind a header of 4 bytes that says how long it is. Argument: the port.
import process from "node:process";
import { type Connection, frames, serve } from "echopipe";

/** A connection that sends and receives texts: the bytes are its own business. */
class TextSocket {
  readonly #connection: Connection;
  readonly #received: AsyncIterator<Uint8Array>;

  constructor(connection: Connection) {
    this.#connection = connection;
    const { decoder } = frames({ width: 4 }); // big-endian, the length of the payload; a limit of 1 MiB
    this.#received = connection.readable.pipeThrough(decoder)[Symbol.asyncIterator]();
  }

  async send(text: string): Promise<void> {
    const payload = new TextEncoder().encode(text);
    const message = new Uint8Array(4 + payload.length);
    new DataView(message.buffer).setUint32(0, payload.length);
    message.set(payload, 4);
    await this.#connection.write(message);
  }

  async receive(): Promise<string | undefined> {
    const { value, done } = await this.#received.next();
    return done ? undefined : new TextDecoder().decode(value);
  }
}

const server = await serve({ port: Number(process.argv[2] ?? 9090) }, async (peer) => {
  const socket = new TextSocket(peer);
  for (let text = await socket.receive(); text !== undefined; text = await socket.receive()) {
    await socket.send(`${text} has ${[...text].length} characters`);
  }
});
console.log(`listening on ${server.address.address}:${server.address.port}`);
