// Exercise 1: an echo server, in chunks of at most 1 KiB. Argument: the port.
import process from "node:process";
import { chunks, serve } from "echopipe";

const server = await serve({ port: Number(process.argv[2] ?? 9090) }, (peer) =>
  peer.readable
    .pipeThrough(chunks(1024)) // views of what was read, nothing is copied
    .pipeTo(peer.writable)); // the echo: what was read is written

console.log(`listening on ${server.address.address}:${server.address.port}`);
