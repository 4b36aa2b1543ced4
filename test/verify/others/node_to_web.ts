// The same pipeline on Node, by `Duplex.toWeb`. Arguments: `half-open` sockets, and a stage that `waits`.
import { type AddressInfo, createServer } from "node:net";
import process from "node:process";
import { Duplex } from "node:stream";

const allowHalfOpen = process.argv.includes("half-open");
const waits = process.argv.includes("waits");

const chunker = () =>
  new TransformStream<Uint8Array, Uint8Array>({
    async transform(bytes, out) {
      if (waits) await new Promise((resume) => setTimeout(resume, 1));
      for (let at = 0; at < bytes.length; at += 1024) out.enqueue(bytes.slice(at, at + 1024));
    },
  });

process.on("uncaughtException", () => {}); // one client's reset would end it
const server = createServer({ allowHalfOpen }, (peer) => {
  peer.on("error", () => {});
  const { readable, writable } = Duplex.toWeb(peer);
  readable.pipeThrough(chunker() as TransformStream).pipeTo(writable).catch(() => {});
});
server.listen(0, "127.0.0.1", () => console.log(`listening on 127.0.0.1:${(server.address() as AddressInfo).port}`));
