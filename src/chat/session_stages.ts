/**
 * The stages of one peer of the chat server: decode and admit before the room, encode behind it.
 *
 * @module
 */
import { type Output, Stage } from "../stage/stage.ts";
import type { Datagram } from "../transport/datagram.ts";
import type { Address } from "../runtime/socket.ts";
import type { RoomEvent, RoomRequest } from "./room_events.ts";
import { decodePacket, type Packet } from "./wire.ts";

/** A packet, and from where it came. */
export interface Arrived {
  readonly packet: Packet;
  readonly peer: Address;
}

/** What the stages of a peer share. */
export interface Gate {
  /** What a packet asks for, if it may; in order and once. */
  admit(arrived: Arrived): readonly RoomRequest[];
  /** Gives what sends to the peer its way out. */
  start(out: Output<Datagram>): void;
  /** Takes an event for the peer. */
  tell(event: RoomEvent): void;
  /** Sends what is to be sent by now. */
  flush(): void;
}

/** Reads datagrams; drops what is not understood. */
export class Decode extends Stage<Datagram, Arrived> {
  push({ bytes, peer }: Datagram, out: Output<Arrived>): void {
    const packet = decodePacket(bytes);
    if (packet !== undefined) out.push({ packet, peer });
  }
}

/** Lets through what the peer itself sent: authentic, new, in order. */
export class Admit extends Stage<Arrived, RoomRequest> {
  readonly #gate: Gate;

  constructor(gate: Gate) {
    super();
    this.#gate = gate;
  }

  push(arrived: Arrived, out: Output<RoomRequest>): void {
    for (const request of this.#gate.admit(arrived)) out.push(request);
  }

  override flush(): void {
    this.#gate.flush();
  }
}

/** Numbers, packs and seals what the peer is told, and sends it until it is acknowledged. */
export class Encode extends Stage<RoomEvent, Datagram> {
  readonly #gate: Gate;

  constructor(gate: Gate) {
    super();
    this.#gate = gate;
  }

  override start(out: Output<Datagram>): void {
    this.#gate.start(out);
  }

  push(event: RoomEvent): void {
    this.#gate.tell(event);
  }

  override flush(): void {
    this.#gate.flush();
  }
}
