/**
 * Measures a burst of JSON-RPC calls: `Conversation` beside a client written by hand, both against one echo server. Interleaved rounds; elapsed time a burst.
 *
 * ```sh
 * deno run -A test/bench/rpc.ts
 * node test/bench/rpc.ts
 * ```
 *
 * @module
 */
import net from "node:net";
import { connect, Conversation, jsonLines, listen } from "echopipe";
import { median } from "./measure.ts";

const CALLS = 10_000;
const ROUNDS = 30;

interface Message {
  readonly id: number;
  readonly text: string;
}

/** A client: calls with a text, and gets it back. */
interface Client {
  call(text: string): Promise<string>;
  close(): Promise<void>;
}

/** A client of lines as one writes it by hand: texts of one turn are joined, replies are found by their ids. */
async function byHand(port: number): Promise<Client> {
  const socket = net.connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.setNoDelay(true).setEncoding("utf8");
  const pending = new Map<number, (text: string) => void>();
  let calls = 0;
  let joined = "";
  let left = "";
  socket.on("data", (data: string) => {
    const lines = (left + data).split("\n");
    left = lines.pop()!;
    for (const line of lines) {
      const { id, text } = JSON.parse(line) as Message;
      pending.get(id)!(text);
      pending.delete(id);
    }
  });
  return {
    call(text) {
      const id = ++calls;
      if (joined === "") {
        queueMicrotask(() => {
          socket.write(joined);
          joined = "";
        });
      }
      joined += JSON.stringify({ id, text }) + "\n";
      return new Promise((resolve) => pending.set(id, resolve));
    },
    close: () => new Promise((resolve) => socket.end(resolve)),
  };
}

/** The same with a conversation. */
async function ours(port: number): Promise<Client> {
  const id = ({ id }: Message) => id;
  const peer = new Conversation(await connect({ port }), jsonLines<Message>(), { match: { request: id, reply: id } });
  let calls = 0;
  return {
    call: (text) => peer.request({ id: ++calls, text }).then(({ text }) => text),
    close: () => peer[Symbol.asyncDispose](),
  };
}

const server = await listen({}, (peer) => peer.readable.pipeTo(peer.writable));
const { port } = server.address;
const clients = { ours: await ours(port), byHand: await byHand(port) };
const times: Record<keyof typeof clients, number[]> = { ours: [], byHand: [] };
for (let round = 0; round < ROUNDS; round++) {
  for (const name of round % 2 ? ["ours", "byHand"] as const : ["byHand", "ours"] as const) {
    const began = performance.now();
    const texts = await Promise.all(Array.from({ length: CALLS }, (_, i) => clients[name].call(`text ${i}`)));
    if (texts[CALLS - 1] !== `text ${CALLS - 1}`) throw new Error("Cannot measure: another reply came");
    if (round >= 5) times[name].push(performance.now() - began);
  }
}
const [a, b] = [median(times.ours), median(times.byHand)];
console.log(`${CALLS} calls: ours ${a.toFixed(1)} ms, by hand ${b.toFixed(1)} ms: ${(a / b).toFixed(2)}`);
await clients.ours.close();
await clients.byHand.close();
await server.close();
