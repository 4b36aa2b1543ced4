import type net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { within } from "../../support/deadline.ts";
import { open } from "../../support/sockets.ts";
import { Findings, type Row, withinTime } from "../row.ts";

/** What a client sends, again and again; twice, so that a piece from any position is in it. */
const BLOCK = 16 * 1024;
const blocks = Uint8Array.from({ length: 2 * BLOCK }, (_, i) => (i % BLOCK) % 251);
/** How far a client sends ahead of the echo, in bytes. */
const WINDOW = 256 * 1024;

/** A client that sends without pause, a window ahead of the echo, until `rest`, and compares what comes back. */
class Sender {
  sent = 0;
  received = 0;
  wrong = false;
  /** How the connection ended. */
  end: "open" | "clean" | "failed" = "open";
  readonly over: Promise<void>;
  readonly #socket: net.Socket;
  #rests = false;

  constructor(socket: net.Socket) {
    this.#socket = socket;
    this.over = new Promise((resolve) => {
      const ended = (how: "clean" | "failed") => {
        if (this.end === "open") this.end = how;
        resolve();
      };
      socket.on("end", () => ended("clean")).on("error", () => ended("failed")).on("close", () => ended("failed"));
    });
    socket.on("data", (piece: Uint8Array) => {
      for (let at = 0; at < piece.length;) {
        const from = this.received % BLOCK;
        const part = piece.subarray(at, at + BLOCK);
        this.wrong ||= Buffer.compare(part, blocks.subarray(from, from + part.length)) !== 0;
        this.received += part.length;
        at += part.length;
      }
      this.send();
    });
    this.send();
  }

  send(): void {
    while (!this.#rests && this.sent - this.received < WINDOW) {
      this.sent += BLOCK;
      this.#socket.write(blocks.subarray(0, BLOCK));
    }
  }

  rest(): void {
    this.#rests = true;
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Signals under load. */
export const signals: Row = {
  id: "signals",
  title:
    "SIGTERM, SIGINT and a second SIGTERM while 20 clients send without pause; 10 of them rest at the signal and get all",
  deadline: 90,
  async run(target, size) {
    const findings = new Findings();
    for (const [name, first, second] of [["SIGTERM", "SIGTERM"], ["SIGINT", "SIGINT"], ["two", "SIGTERM", "SIGTERM"]]) {
      if (size < 0.1 && name === "SIGINT") continue;
      await using server = await target.start();
      const clients = await Promise.all(Array.from({ length: 20 }, async () => new Sender(await open(server.port))));
      // One that still waits to be accepted is reset at a stop, as with any server.
      await within(() => clients.every(({ received }) => received > 0), "an answer to each client", 20_000);
      await sleep(size < 0.1 ? 100 : 1000);
      const resting = clients.slice(10);
      for (const client of resting) client.rest();
      const began = performance.now();
      server.kill(first as NodeJS.Signals);
      if (second !== undefined) {
        await sleep(100);
        server.kill(second as NodeJS.Signals);
      }
      const status = await withinTime(server.ended, 20_000, "the end").catch(() => "no end");
      const seconds = (performance.now() - began) / 1000;
      await withinTime(Promise.all(clients.map(({ over }) => over)), 5000, "the ends of clients").catch(() => {});
      for (const client of clients) client.close();
      const whole = resting.filter(({ sent, received, end }) => received === sent && end === "clean").length;
      findings.add(`${name}: seconds`, seconds, { unit: "s" });
      findings.expect(!clients.some(({ wrong }) => wrong), `${name}: a client received a wrong byte`);
      if (second === undefined) {
        findings.add(`${name}: whole`, whole);
        findings.expect(status === 0, `${name}: it ended with ${status}; expected 0`);
        findings.expect(seconds < 5.5, `${name}: it took ${seconds.toFixed(1)} s; expected 5`);
        const lacking = resting.filter(({ sent, received }) => received < sent).length;
        findings.expect(lacking === 0, `${name}: ${lacking} of 10 clients that rested did not get all`);
        const unclean = resting.filter(({ end }) => end !== "clean").length;
        findings.expect(unclean === 0, `${name}: ${unclean} of 10 clients that rested saw no clean end`);
      } else {
        findings.expect(status === 143 || status === 0, `${name}: it ended with ${status}; expected 143`);
        findings.expect(seconds < 2, `${name}: it took ${seconds.toFixed(1)} s; expected to end at once`);
      }
    }
    return findings;
  },
};
