// Exercise 5: "stop" ends the server: a line from a client, or typed at its terminal. Argument: the port.
import process from "node:process";
import { createInterface } from "node:readline";
import { commands, echo, line, serve } from "echopipe";

const server = await serve({ port: Number(process.argv[2] ?? 9090) }, (peer) => {
  const { decoder, encoder } = line();
  const stop = commands({ stop: () => void server.stop(), exit: (out) => out.end() });
  return peer.readable.pipeThrough(decoder).pipeThrough(stop).pipeThrough(echo()).pipeThrough(encoder)
    .pipeTo(peer.writable);
});
console.log(`listening on ${server.address.address}:${server.address.port}`);

const keyboard = createInterface({ input: process.stdin });
keyboard.on("line", (typed) => typed === "stop" && void server.stop());
await server.stopped; // what every client had sent is echoed by now
keyboard.close();
console.log("stopped");
