// Exercise 9: if the port is taken, take the next free one, and say which. Argument: the port.
import process from "node:process";
import { type Connection, EchopipeError, serve } from "echopipe";

const echo = (peer: Connection) => peer.readable.pipeTo(peer.writable);

async function serveFrom(port: number) {
  for (;; port++) {
    try {
      return await serve({ port }, echo); // trying is the only sure question: a free port may be taken a moment later
    } catch (error) {
      if (!(error instanceof EchopipeError && error.code === "address-in-use") || port >= 65535) throw error;
      console.log(`port ${port} is in use`);
    }
  }
}

const { address } = await serveFrom(Number(process.argv[2] ?? 9090));
console.log(`listening on ${address.address}:${address.port}`);
