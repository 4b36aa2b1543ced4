/**
 * A chat server and its members, in virtual time.
 */
import { ChatClient } from "../../../src/chat/udp/client.ts";
import type { ClientEvent } from "../../../src/chat/room/events.ts";
import { Room } from "../../../src/chat/room/room.ts";
import { type ChatServer, serveChat } from "../../../src/chat/udp/server.ts";
import { Network, type TestPort } from "./network.ts";

export const SERVER_PORT = 9091;

/** A member, and all that it was told. */
export class Guest {
  readonly client: ChatClient;
  readonly port: TestPort;
  readonly heard: ClientEvent[] = [];

  constructor(network: Network, port: TestPort, name: string) {
    this.port = port;
    const server = { address: "127.0.0.1", port: SERVER_PORT };
    this.client = new ChatClient(port, { server, name, environment: network.environment, timeout: 60_000 });
    void this.#listen();
  }

  /** The texts that were heard of one member, in the order they came. */
  textsOf(name: string): string[] {
    return this.heard.flatMap((event) => event.type === "said" && event.name === name ? [event.text] : []);
  }

  count(type: ClientEvent["type"]): number {
    return this.heard.filter((event) => event.type === type).length;
  }

  async #listen(): Promise<void> {
    for await (const event of this.client.events) this.heard.push(event);
  }
}

export class Party {
  readonly network: Network;
  room!: Room;
  server!: ChatServer;
  port!: TestPort;
  readonly #limits: { members?: number; queue?: number };
  #ports = 50_000;

  constructor(seed?: number, limits: { members?: number; queue?: number } = {}) {
    this.network = new Network(seed);
    this.#limits = limits;
    this.open();
  }

  get clock() {
    return this.network.clock;
  }

  /** Starts the server. */
  open(): void {
    this.port = this.network.port(SERVER_PORT);
    this.room = new Room({ now: this.clock.now, members: this.#limits.members });
    this.server = serveChat(this.port, this.room, {
      environment: this.network.environment,
      queue: this.#limits.queue,
    });
  }

  guest(name: string): Guest {
    return new Guest(this.network, this.network.port(this.#ports++), name);
  }

  /** Makes members of those names, and waits until all have joined. */
  async join(...names: string[]): Promise<Guest[]> {
    const guests = names.map((name) => this.guest(name));
    await this.clock.wait(Promise.all(guests.map(({ client }) => client.join())));
    await this.clock.until(() => guests.every((guest) => guest.count("welcome") === 1));
    return guests;
  }

  /** All leave, and the server stops. */
  async close(guests: readonly Guest[]): Promise<void> {
    await this.clock.wait(Promise.all(guests.map(({ client }) => client.leave())));
    await this.clock.wait(this.server.stop());
  }
}
