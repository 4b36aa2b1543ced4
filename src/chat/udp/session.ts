/**
 * One peer of the chat server: its stream of datagrams, through decode, admit, chat and encode, to datagrams.
 *
 * @module
 */
import { type Address, formatAddress } from "../../runtime/socket.ts";
import { pipeline } from "../../stage/pipeline.ts";
import { type Output, stage } from "../../stage/stage.ts";
import type { Datagram } from "../../transport/datagram.ts";
import type { Environment } from "../environment.ts";
import { Bucket } from "../../rate.ts";
import type { LeaveReason, RoomEvent, RoomRequest } from "../room/events.ts";
import { Member, SPEECH } from "../room/member.ts";
import type { ChatRoom } from "../room/room.ts";
import { Channel } from "./channel.ts";
import type { Body } from "./bodies.ts";
import { decodePacket, encodeRefuse } from "./datagrams.ts";
import type { Accepted, Cookies, Join } from "./handshake.ts";
import { HEARTBEAT_MS } from "./keepalive.ts";
import { decodeRequests, encodeEvent } from "./records.ts";
import { SessionRequests, type TakenRequests } from "./taken_requests.ts";

/** A peer is gone after so long without a word, in milliseconds: three heartbeats, as late as their spread allows. */
const GONE_MS = 3 * HEARTBEAT_MS * 1.25;
/** Time for which a session that has ended still answers late datagrams, in milliseconds. */
const LINGER_MS = 5000;
/** Most datagrams of one peer that wait to be read; further ones are dropped. */
const MAX_WAITING = 256;
/** The most records in one datagram; the smallest have some 20 bytes. */
const MAX_RECORDS = 48;

/** Services of the server to a session. */
export interface SessionContext {
  readonly room: ChatRoom;
  readonly cookies: Cookies;
  readonly taken: TakenRequests;
  readonly environment: Environment;
  /** Most records that may wait for a member, before it leaves the room. */
  readonly queue: number;
  /** Sends a datagram. */
  send(datagram: Datagram): Promise<void>;
  /** The member joined. */
  joined(session: Session): void;
  /** It could not. */
  refused(session: Session, text: string): void;
  /** It is gone. */
  left(session: Session, reason: LeaveReason): void;
  /** The peer proved that it has another address. */
  moved(session: Session, from: Address): void;
}

/**
 * One peer. It comes to be by a join with a good cookie, which is the first datagram of its stream.
 *
 * ```text
 * new --join--> member --leave, lost, behind, stopped--> lingering --5 s--> over
 *   \--refused-----------------------------------------------------------> over
 * ```
 */
export class Session {
  /** The session's number. */
  readonly id: Uint8Array;
  /** The client's number for it. */
  readonly nonce: Uint8Array;
  /** Resolves when the stream has ended; never rejects. */
  readonly done: Promise<void>;
  readonly #context: SessionContext;
  readonly #channel: Channel;
  readonly #member: Member;
  readonly #speech: Bucket;
  readonly #requests: SessionRequests;
  readonly #accept: Uint8Array;
  readonly #clientKey: Uint8Array;
  #address: Address;
  #in!: ReadableStreamDefaultController<Datagram>;
  #out: Output<Datagram> | undefined;
  #name: string | undefined;
  #bye: LeaveReason | undefined;
  #over = false;
  #cancelTimer: () => void;

  /** Makes a session of a join that was accepted; the join itself is still to be delivered. */
  constructor(join: Join, peer: Address, { session: id, accept, keys }: Accepted, context: SessionContext) {
    const { clock } = context.environment;
    this.id = id;
    this.nonce = join.nonce.slice();
    this.#clientKey = join.key.slice();
    this.#address = peer;
    this.#accept = accept;
    this.#context = context;
    this.#requests = new SessionRequests(context.taken);
    this.#speech = new Bucket(SPEECH, clock.now());
    this.#member = new Member(context.room, { clock, paced: false });
    this.#channel = new Channel({
      session: id,
      sendKey: keys.toClient,
      receiveKey: keys.toServer,
      clock,
      queue: context.queue,
      records: MAX_RECORDS,
      transmit: (bytes) => this.#send(bytes),
    });
    this.#cancelTimer = clock.timer(GONE_MS, () => this.#watch());
    const flush = () => this.#flush();
    const decode = stage<Datagram, RoomRequest>({
      push: (datagram, out) => this.#admit(datagram).forEach((request) => out.push(request)),
      flush,
    });
    const encode = stage<RoomEvent, Datagram>({
      start: (out) => void (this.#out = out),
      push: (event) => this.#sendEvent(event),
      flush,
    });
    const readable = new ReadableStream<Datagram>({
      start: (controller) => void (this.#in = controller),
    }, { highWaterMark: MAX_WAITING });
    this.done = readable
      .pipeThrough(pipeline(decode, this.#member, encode))
      .pipeTo(new WritableStream({ write: (datagram) => context.send(datagram) }))
      .catch(() => {}) // the port is closed: the server's own loop reports it
      .finally(() => this.end());
  }

  /** The member's name, once joined. */
  get name(): string | undefined {
    return this.#name;
  }

  /** The peer's address, proven by a cookie or a path token. */
  get address(): Address {
    return this.#address;
  }

  /** A datagram for this session. Where too many wait already it is dropped. */
  deliver(datagram: Datagram): void {
    if (!this.#over && (this.#in.desiredSize ?? 0) > 0) this.#in.enqueue(datagram);
  }

  /** The member leaves, and the peer is told. */
  leave(reason: LeaveReason): void {
    this.#member.leave(reason);
    this.#sendEvent({ type: "bye", reason }); // at once, whatever waits in the member's outbox
  }

  /** Ends the stream. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelTimer();
    this.#channel.close();
    try {
      this.#in.close();
    } catch {
      // The stream failed, and so is closed.
    }
  }

  /** The requests in a datagram, if it is authentic, new and within the rate: in order, each once. */
  #admit({ bytes, peer }: Datagram): readonly RoomRequest[] {
    const packet = decodePacket(bytes);
    if (packet === undefined) return [];
    if (packet.type === "join") return this.#admitJoin(packet);
    if (!("session" in packet) || packet.type === "accept") return [];
    const body = this.#channel.open(packet);
    if (body === undefined) return [];
    this.#follow(packet.number, body, peer);
    if (this.#bye !== undefined) {
      this.#channel.transmit({ type: "bye", reason: this.#bye });
      return [];
    }
    if (body.type !== "data") return [];
    const requests = decodeRequests(body.records);
    if (requests === undefined || !this.#channel.accepts(body.sequence)) return [];
    if (!this.#speech.take(requests.length, this.#context.environment.clock.now())) {
      this.#channel.decline();
      return [];
    }
    return this.#channel.take(body.sequence, body.records).flatMap((records) =>
      this.#requests.take(decodeRequests(records) ?? [])
    );
  }

  /** Numbers, packs and seals what the peer is told, and sends it until it is acknowledged. */
  #sendEvent(event: RoomEvent): void {
    if (this.#over || this.#bye !== undefined) return;
    switch (event.type) {
      case "refused":
        this.#context.refused(this, event.text);
        this.#send(encodeRefuse(this.nonce, event.reason));
        this.end();
        return;
      case "bye":
        this.#channel.flush(); // acknowledges the leave itself
        this.#bye = event.reason;
        this.#channel.transmit({ type: "bye", reason: event.reason });
        this.#context.left(this, event.reason);
        this.#cancelTimer();
        this.#cancelTimer = this.#context.environment.clock.timer(LINGER_MS, () => this.end());
        return;
      case "welcome":
        this.#name = event.name;
        this.#context.joined(this);
        this.#send(this.#accept);
    }
    for (const record of encodeEvent(event)) {
      if (!this.#channel.send(record)) return this.leave("behind");
    }
  }

  #flush(): void {
    if (this.#bye === undefined) this.#channel.flush();
  }

  #admitJoin(join: Join): readonly RoomRequest[] {
    if (this.#bye !== undefined || !join.key.every((byte, at) => byte === this.#clientKey[at])) return [];
    if (this.#name === undefined) return [{ type: "join", name: join.name }];
    this.#send(this.#accept); // the first was lost
    return [];
  }

  /** Another address: asked to prove itself, and followed when it has. */
  #follow(number: number, body: Body, peer: Address): void {
    const from = this.#address;
    if (peer.port === from.port && peer.address === from.address) return;
    const token = this.#context.cookies.pathToken(peer, this.id);
    if (body.type === "path-answer" && token.every((byte, at) => byte === body.token[at])) {
      this.#address = peer;
      this.#context.moved(this, from);
    } else if (this.#channel.isNewest(number)) {
      this.#channel.transmit({ type: "path", token }, (bytes) => this.#send(bytes, peer));
    }
  }

  #send(bytes: Uint8Array, peer: Address = this.#address): void {
    this.#out?.push({ bytes, peer });
    this.#out?.flush()?.catch(() => {}); // the pipe reports it
  }

  #watch(): void {
    const { clock } = this.#context.environment;
    const left = this.#channel.heard + GONE_MS - clock.now();
    if (left <= 0) return this.leave("lost");
    this.#cancelTimer = clock.timer(left, () => this.#watch());
  }

  /** For messages: who it is, and where. */
  toString(): string {
    return `${this.name ?? "nobody"} at ${formatAddress(this.#address)}`;
  }
}
