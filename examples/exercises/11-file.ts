// Exercise 11: send a file to an echo server; what comes back must be that file. Arguments: the file, and the port.
import { createReadStream } from "node:fs";
import process from "node:process";
import { connect, digest } from "echopipe";

const [path, port = "9090"] = process.argv.slice(2);
await using connection = await connect({ port: Number(port) });
const [sent, received] = [await digest("sha256"), await digest("sha256")];

async function send(): Promise<void> {
  for await (const bytes of sent.over(createReadStream(path))) await connection.write(bytes);
  await connection.endWrite();
}

async function receive(): Promise<void> {
  for await (const _ of connection.readable.pipeThrough(received)); // put the bytes into a file here
}

await Promise.all([send(), receive()]); // at the same time: else both sides wait for each other with full buffers
const same = sent.hex === received.hex;
console.log(`${sent.hex} sent\n${received.hex} received\n${same ? "identical" : "different"}`);
process.exitCode = same ? 0 : 1;
