// Exercise 8: service messages go to a file, not to the terminal. Arguments: the port, and the file.
import { createWriteStream } from "node:fs";
import process from "node:process";
import { printable, serve } from "echopipe";

const [port = "9090", path = "server.log"] = process.argv.slice(2);
const file = createWriteStream(path, { flags: "a" }); // what was there before stays
const server = await serve({
  port: Number(port),
  log: {
    record(level, event, message) { // printable: nothing that a client sent can forge a line
      file.write(`${new Date().toISOString()} ${level.toUpperCase()} ${event} ${printable(message)}\n`);
    },
  },
}, (peer) => peer.readable.pipeTo(peer.writable));
console.log(`listening on ${server.address.address}:${server.address.port}`);

process.once("SIGINT", () => void server.stop("Ctrl-C"));
await server.stopped;
file.end(); // the last records are written before the program is over
