// Exercise 7: ask for address and port, offer defaults, explain what is wrong, ask again.
import process from "node:process";
import { isIP } from "node:net";
import { createInterface } from "node:readline";
import { serve } from "echopipe";

const keyboard = createInterface({ input: process.stdin });
const answers = keyboard[Symbol.asyncIterator]();

async function ask(question: string, usual: string, isRight: (answer: string) => boolean, wanted: string) {
  for (;;) {
    process.stdout.write(`${question} (${usual}): `);
    const { value, done } = await answers.next();
    if (done) throw new Error("nobody answers");
    const answer = value.trim() || usual;
    if (isRight(answer)) return answer;
    console.log(`${JSON.stringify(answer)} is not right; expected ${wanted}`);
  }
}

const isPort = (answer: string) => /^\d+$/.test(answer) && Number(answer) <= 65535;
const host = await ask("Address", "127.0.0.1", (answer) => isIP(answer) !== 0, "an IP address");
const port = await ask("Port", "9090", isPort, "a number from 0 to 65535");
keyboard.close();
const server = await serve({ host, port: Number(port) }, (peer) => peer.readable.pipeTo(peer.writable));
console.log(`listening on ${server.address.address}:${server.address.port}`);
