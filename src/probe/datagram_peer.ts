/**
 * A peer over UDP.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:dgram";
import { clearInterval, setInterval } from "node:timers";
import { DatagramWindow } from "./datagram_window.ts";
import type { Peer, PeerEvents, PeerSettings } from "./peer.ts";
import type { Script } from "./script.ts";

/** Bytes of a datagram that identify it: the peer, and the number of the message. */
export const MARK: number = 8;
/** The largest datagram over IPv4, in bytes: 65,535 without the headers of IP and UDP. */
export const MAX_DATAGRAM: number = 65_507;

/**
 * Sends the messages of a script as datagrams, each with a mark in its first bytes, and compares those that come back. One
 * that is not answered within `timeoutMs` is lost, even if it comes later. A peer sends at most 2^32 datagrams: days.
 */
export class DatagramPeer implements Peer {
  readonly #socket: Socket;
  readonly #script: Script;
  readonly #settings: PeerSettings;
  readonly #events: PeerEvents;
  readonly #token = Math.floor(Math.random() * 2 ** 32);
  readonly #window: DatagramWindow;
  readonly #timer: ReturnType<typeof setInterval>;
  #received = false;
  #over = false;

  /** Takes ownership of a socket that is connected to the server. */
  constructor(socket: Socket, script: Script, settings: PeerSettings, timeoutMs: number, events: PeerEvents) {
    this.#socket = socket;
    this.#script = script;
    this.#settings = settings;
    this.#events = events;
    this.#window = new DatagramWindow(settings.window, settings.step);
    socket.on("message", (bytes) => this.#take(bytes));
    socket.on("error", () => {}); // an ICMP message: the datagrams that are lost tell it
    this.#timer = setInterval(() => this.#expire(timeoutMs), Math.min(50, timeoutMs / 4));
  }

  get unanswered(): number {
    return this.#window.unanswered;
  }

  get isOver(): boolean {
    return this.#over;
  }

  allow(due?: number): void {
    this.#window.allow(due);
    this.#send();
  }

  allowAll(): void {
    this.#window.allowAll();
    this.#send();
  }

  stop(): void {
    this.#window.stop();
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#over) return resolve();
      this.#over = true;
      clearInterval(this.#timer);
      this.#socket.close(() => resolve());
    });
  }

  abort(): void {
    void this.close();
  }

  #send(): void {
    while (!this.#over && this.#window.ready > 0) {
      const message = this.#window.sent;
      const [start, end] = this.#placeOf(message);
      const datagram = Buffer.from(this.#script.bytes.subarray(start, end)); // the system may take it later
      datagram.writeUInt32BE(this.#token, 0);
      datagram.writeUInt32BE(message % 2 ** 32, 4);
      this.#window.send(performance.now());
      this.#socket.send(datagram, (error) => {
        if (this.#settings.oneWay && !error) this.#answer(message, datagram.length, true);
      });
    }
  }

  /** Start and end of a message in the script. */
  #placeOf(message: number): [number, number] {
    const place = (this.#settings.first + message) % this.#script.ends.length;
    return [this.#script.startOf(place), this.#script.ends[place]];
  }

  #take(bytes: Uint8Array): void {
    if (this.#over || this.#settings.oneWay) return;
    if (!this.#received) {
      this.#received = true;
      this.#events.firstByte(performance.now() - this.#window.firstSent);
    }
    const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < MARK || head.getUint32(0) !== this.#token) return this.#events.stray();
    const message = head.getUint32(4);
    const [start, end] = this.#placeOf(message);
    const { bytes: expected } = this.#script;
    const intact = bytes.length === end - start &&
      expected.compare(bytes, MARK, bytes.length, start + MARK, end) === 0;
    this.#answer(message, bytes.length, intact);
    this.#send();
  }

  #answer(message: number, bytes: number, intact: boolean): void {
    switch (this.#window.arrive(message)) {
      case "answered":
        this.#events.answered(message, this.#window.dueOf(message), performance.now(), bytes, intact);
        if (this.#window.isReordered(message)) this.#events.reordered(message);
        break;
      case "duplicated":
        this.#events.duplicated(message);
        break;
      case "stray":
        this.#events.stray();
        break;
      case "old": // it counts as lost
    }
  }

  #expire(timeoutMs: number): void {
    for (const message of this.#window.expire(performance.now() - timeoutMs)) this.#events.lost(message);
    this.#send();
  }
}
