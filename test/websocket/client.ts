/** A client of npm's `ws`, with what came in a queue. */
import type { Buffer } from "node:buffer";
// @ts-types="./ws_types.d.ts"
import { WebSocket } from "ws";
import { within } from "../support/deadline.ts";

/** The end of a WebSocket: its code, and its reason. */
export interface End {
  readonly code: number;
  readonly reason: string;
}

/** A WebSocket of `ws`; what comes waits until it is asked for. */
export class Client {
  readonly socket: WebSocket;
  readonly messages: (string | Uint8Array)[] = [];
  readonly pongs: string[] = [];
  end: End | undefined;
  failure: Error | undefined;

  constructor(port: number, protocols: string[] = [], options: Record<string, unknown> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/`, protocols, options);
    this.socket.on("message", (data: Buffer, isBinary: boolean) => {
      this.messages.push(isBinary ? new Uint8Array(data) : data.toString());
    });
    this.socket.on("pong", (data: Buffer) => this.pongs.push(data.toString()));
    this.socket.on("close", (code: number, reason: Buffer) => this.end = { code, reason: reason.toString() });
    this.socket.on("error", (error: Error) => this.failure = error);
  }

  /** A client whose handshake is done. */
  static async open(port: number, protocols?: string[], options?: Record<string, unknown>): Promise<Client> {
    const client = new Client(port, protocols, options);
    await within(() => client.socket.readyState === WebSocket.OPEN || client.failure !== undefined, "a handshake");
    if (client.failure !== undefined) throw client.failure;
    return client;
  }

  /** The next message. */
  async next(): Promise<string | Uint8Array> {
    await within(() => this.messages.length > 0 || this.end !== undefined, "a message");
    if (this.messages.length === 0) throw new Error(`it ended instead: ${JSON.stringify(this.end)}`);
    return this.messages.shift()!;
  }

  /** The next message, as the object that it is in JSON. */
  async nextObject(): Promise<Record<string, unknown>> {
    return JSON.parse(String(await this.next()));
  }

  sendObject(object: unknown): void {
    this.socket.send(JSON.stringify(object));
  }

  /** Waits for the end. */
  async ended(): Promise<End> {
    await within(() => this.end !== undefined, "the end");
    return this.end!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.close();
    await this.ended().catch(() => this.socket.terminate());
  }
}
