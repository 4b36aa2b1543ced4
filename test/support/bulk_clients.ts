/**
 * Clients that send without pause, or newcomers: each kind on a thread of its own.
 *
 * A worker's data: `port`; `served`: a shared counter of the bytes that the server has received; `bulk`: how many clients
 * send without pause; `newcomers`: how many connect, one after the other. It posts, for each newcomer, the bytes served
 * until its answer.
 *
 * @module
 */
import { once } from "node:events";
import net from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { port, served, bulk, newcomers } = workerData as {
  port: number;
  served: BigInt64Array;
  bulk: number;
  newcomers: number;
};
const block = new Uint8Array(256 * 1024).fill(97);
for (let i = 0; i < bulk; i++) {
  const socket = net.connect(port, "127.0.0.1");
  const send = () => {
    while (socket.write(block));
  };
  socket.on("error", () => {}).on("drain", send).once("connect", send).resume();
}
const waits: number[] = [];
for (let i = 0; i < newcomers; i++) {
  const before = Atomics.load(served, 0);
  const socket = net.connect(port, "127.0.0.1");
  socket.write("hello");
  await once(socket, "data");
  waits.push(Number(Atomics.load(served, 0) - before));
  socket.destroy();
}
if (newcomers > 0) parentPort!.postMessage(waits);
