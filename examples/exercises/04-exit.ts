// Exercise 4: the line "exit" ends the connection, on both sides. Argument: the port.
import process from "node:process";
import { echo, exit, line, serve } from "echopipe";

const server = await serve({ port: Number(process.argv[2] ?? 9090) }, (peer) => {
  const { decoder, encoder } = line();
  return peer.readable
    .pipeThrough(decoder) // bytes -> chunks of lines
    .pipeThrough(exit()) // ends the stream at the line "exit", however it was cut on its way
    .pipeThrough(echo())
    .pipeThrough(encoder)
    .pipeTo(peer.writable);
});

console.log(`listening on ${server.address.address}:${server.address.port}`);
