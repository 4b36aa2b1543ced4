/**
 * Clients, polite and otherwise.
 *
 * @module
 */
import type net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../src/transport/open.ts";
import { authority } from "../support/certificates.ts";
import { open } from "../support/sockets.ts";
import { withinTime } from "./row.ts";

/** Sends all of it, half-closes, and compares what comes back; how many bytes of it came back unchanged, from the start. */
export async function echoed(port: number, bytes: Uint8Array, tls = false): Promise<number> {
  return tls ? await echoedTls(port, bytes) : await echoedPlain(port, bytes);
}

async function echoedPlain(port: number, bytes: Uint8Array): Promise<number> {
  const socket = await open(port);
  let at = 0;
  let wrong = false;
  const ended = new Promise<void>((resolve) => {
    socket.on("data", (piece: Uint8Array) => {
      wrong ||= Buffer.compare(piece, bytes.subarray(at, at + piece.length)) !== 0;
      if (!wrong) at += piece.length;
    });
    socket.on("end", resolve).on("error", () => resolve()).on("close", () => resolve());
  });
  socket.end(bytes);
  await ended;
  socket.destroy();
  return at;
}

/** Through a client of ours: `node:tls` inside Deno does not report every end. */
async function echoedTls(port: number, bytes: Uint8Array): Promise<number> {
  const client = await connect({ port, host: "127.0.0.1", tls: { ca: authority } });
  const read = (async () => {
    let at = 0;
    for await (const piece of client.readable) {
      if (Buffer.compare(piece, bytes.subarray(at, at + piece.length)) !== 0) return at;
      at += piece.length;
    }
    return at;
  })();
  const writer = client.writable.getWriter();
  await writer.write(bytes as Uint8Array<ArrayBuffer>);
  await writer.close();
  return await read;
}

/** Runs `work` for each number below `count`, `atOnce` of them at a time. */
export async function inTurns(count: number, atOnce: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, async () => {
    while (next < count) await work(next++);
  }));
}

/** Opens so many sockets that ignore errors; undefined where one could not be opened within 5 s. */
export async function openMany(port: number, count: number): Promise<(net.Socket | undefined)[]> {
  const sockets: (net.Socket | undefined)[] = Array.from({ length: count });
  await inTurns(count, 100, async (i) => {
    sockets[i] = await withinTime(open(port), 5000, "a connection").catch(() => undefined);
    sockets[i]?.on("error", () => {});
  });
  return sockets;
}

/** How long honest peers wait for their answers. */
export interface Waits {
  readonly answers: number;
  readonly lost: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

/** So many peers that send 64 bytes, wait for the answer, pause 20 ms, for `seconds`; waits in milliseconds. */
export async function honestPeers(port: number, count: number, seconds: number): Promise<Waits> {
  const waits: number[] = [];
  let lost = 0;
  const end = performance.now() + seconds * 1000;
  const message = new Uint8Array(64).fill(97);
  message[63] = 10;
  await Promise.all(Array.from({ length: count }, async (_, i) => {
    await sleep(i * 20 / count);
    let socket: net.Socket | undefined;
    try {
      socket = await withinTime(open(port), 10_000, "a connection");
      socket.on("error", () => {});
      while (performance.now() < end) {
        const began = performance.now();
        await withinTime(answer(socket, message), 10_000, "an answer");
        waits.push(performance.now() - began);
        await sleep(20);
      }
    } catch {
      lost++;
    } finally {
      socket?.destroy();
    }
  }));
  waits.sort((a, b) => a - b);
  const at = (share: number) => waits[Math.min(waits.length - 1, Math.floor(waits.length * share))] ?? NaN;
  return { answers: waits.length, lost, p50: at(0.5), p99: at(0.99), most: at(1) };
}

function answer(socket: net.Socket, message: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    let got = 0;
    const gone = () => settle(() => reject(new Error("the connection ended")));
    const data = (piece: Uint8Array) => {
      got += piece.length;
      if (got >= message.length) settle(resolve);
    };
    const settle = (report: () => void) => {
      socket.off("data", data).off("close", gone).off("end", gone);
      report();
    };
    socket.on("data", data).on("close", gone).on("end", gone);
    socket.write(message);
  });
}
