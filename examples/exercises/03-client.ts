// Exercise 3: a client that reads lines from its standard input and shows what comes back. Argument: the port.
import process from "node:process";
import { createInterface } from "node:readline";
import { connect, lines } from "echopipe";

await using connection = await connect({ port: Number(process.argv[2] ?? 9090) });
const { decoder, encoder } = lines();

async function hear(): Promise<void> {
  for await (const line of connection.readable.pipeThrough(decoder)) console.log(line);
}

async function say(): Promise<void> {
  for await (const line of encoder.over(createInterface({ input: process.stdin }))) await connection.write(line);
  await connection.endWrite(); // "I have no more to say"; the rest of the echo is still heard
}

await Promise.all([hear(), say()]); // side by side: a loop of say and hear would miss what the server says unasked
