/**
 * One client of the server: its connection, and the stages it passes.
 *
 * @module
 */
import type { AutoCodec } from "../framing/auto.ts";
import type { Codec } from "../framing/framing.ts";
import type { Chunk } from "../framing/chunk.ts";
import { type Access, access } from "../access/access.ts";
import type { AccessEvent } from "../access/steps.ts";
import { Answer } from "../handlers/answer.ts";
import { commands } from "../handlers/commands.ts";
import { controlChunk } from "../access/control.ts";
import { HTTP_REFUSAL, type RefuseHttp, refuseHttp } from "../handlers/refuse_http.ts";
import type { ServiceLog } from "../service_log.ts";
import { pipeline } from "../stage/pipeline.ts";
import type { Output, Stage } from "../stage/stage.ts";
import type { Connection } from "../transport/connection.ts";
import { pipe } from "../pipe/pipe.ts";
import { formatAddress } from "../runtime/socket.ts";
import type { Gate } from "../access/gate.ts";
import { framings, type ServerSettings } from "./options.ts";
import { PeerLog } from "./peer_log.ts";
import type { TrafficLog } from "./traffic_log.ts";

/** A silent client that does not take its last bytes for so long is cut off, in milliseconds. */
const DRAIN_GRACE_MS = 2000;

/** What a peer needs of its server. */
export interface PeerContext {
  readonly settings: ServerSettings;
  readonly gate: Gate;
  readonly log: ServiceLog;
  readonly trafficLog: TrafficLog;
  /** A client that may said `stop`. */
  stopRequested(by: string): void;
}

/** A connected client, from its connect to its last byte. */
export class Peer {
  /** The number of the connection, from 1. */
  readonly id: number;
  /** `ADDRESS:PORT` of the client. */
  readonly name: string;
  readonly #connection: Connection;
  readonly #context: PeerContext;
  readonly #log: PeerLog;
  readonly #codec: Codec;
  readonly #stage: Stage<Uint8Array, Uint8Array>;
  /** Who it is, where clients are asked. */
  readonly #admitted: PromiseWithResolvers<string | undefined> | undefined;
  #access: Access | undefined;
  /** Where lines are spoken. */
  #http: RefuseHttp | undefined;
  /** Why the server ends the connection, once it does. */
  #reason: string | undefined;
  #lastReceived = 0;
  #silentSince = performance.now();
  #unfollow = () => {};

  constructor(id: number, connection: Connection, context: PeerContext) {
    this.id = id;
    this.name = formatAddress(connection.remote);
    this.#connection = connection;
    this.#context = context;
    this.#log = new PeerLog(context.log, id, this.name, context.settings.access !== "open");
    const { framing, chunkSize } = context.settings;
    if (context.settings.access !== "open") this.#admitted = Promise.withResolvers();
    this.#codec = framings[framing]({ chunkSize });
    this.#stage = this.#stages();
  }

  /** Serves until the connection has ended, however it ends. Never rejects. */
  async serve(): Promise<void> {
    const began = performance.now();
    this.#log.connected();
    const unfollow = this.#unfollow = this.#context.trafficLog.follow({
      id: this.id,
      peer: this.name,
      connection: this.#connection,
      chunks: this.#codec,
    });
    let reason;
    try {
      await pipe(this.#connection, this.#stage, this.#connection, { preventAbort: true, preventCancel: true });
      reason = this.#reason ?? "end of stream";
    } catch (error) {
      reason = this.#reason ?? this.#log.failed(error);
      if (this.#http?.found) await this.#connection.write(HTTP_REFUSAL).catch(() => {}); // gone: nobody to tell
    }
    await this.#connection.finish();
    unfollow();
    this.#log.disconnected(reason, this.#connection.traffic, performance.now() - began);
  }

  /** Echoes what was received, then ends the connection. Never rejects. */
  async drain(): Promise<void> {
    this.#reason ??= "server stopped";
    this.#access?.farewell("stop", "The server stops");
    await this.#connection.drain(true);
  }

  /** Ends the connection at once. */
  abort(reason: string): void {
    this.#reason ??= reason;
    this.#connection.abort();
  }

  /** The connection was ended, and still its handler does not return: nothing waits for it any more. */
  leaveBehind(): void {
    this.#unfollow();
    this.#log.stuck();
  }

  /** Ends the connection if nothing has come for so long, in milliseconds. */
  checkSilence(limit: number, now: number): void {
    const { received } = this.#connection.traffic;
    if (received !== this.#lastReceived) {
      this.#lastReceived = received;
      this.#silentSince = now;
    } else if (this.#reason === undefined && now - this.#silentSince >= limit) {
      this.#reason = `silent for ${limit / 1000} s`;
      this.#access?.farewell("idle", `Nothing came for ${limit / 1000} s`);
      void this.#connection.drain();
    } else if (now - this.#silentSince >= limit + DRAIN_GRACE_MS) {
      this.#connection.abort(); // it does not read either, and what is sent to it waits
    }
  }

  #stages(): Stage<Uint8Array, Uint8Array> {
    const { settings: { framing, access: mode, loginTimeout, service }, gate } = this.#context;
    const codec = this.#codec;
    const { decoder, encoder } = codec;
    const handler = service({
      peer: this.name,
      name: this.#admitted?.promise,
      lines: () => framing === "auto" ? (codec as AutoCodec).detected !== "message" : framing !== "message",
    });
    if (framing === "raw") return pipeline(decoder, handler, encoder);
    const admission = this.#access = access({
      mode,
      login: gate.login(this.#connection.remote.address),
      framing: framing === "auto" ? codec as AutoCodec : framing,
      loginTimeout: loginTimeout * 1000,
      onEvent: (event) => this.#onAccess(event),
    });
    const words = commands({
      exit: (out) => this.#leave("exit", "Goodbye", out),
      stop: (out) => this.#stop(out),
    });
    if (framing === "message") return pipeline(decoder, admission, words, handler, encoder);
    this.#http = refuseHttp();
    return pipeline(this.#http, decoder, admission, words, handler, encoder);
  }

  #leave(reason: string, text: string, out: Output<Chunk>): void {
    this.#reason = reason;
    const bye = this.#access?.bye(reason, text);
    if (bye !== undefined) out.push(bye);
    out.end();
  }

  /** `stop` is for those who may: a stranger must not end a server that is left running. */
  #stop(out: Output<Chunk>): void {
    const why = this.#context.gate.stopRefusal(this.#access?.name, this.#connection.remote.address);
    if (why === undefined) {
      this.#leave("stop", "The server stops", out);
      this.#context.stopRequested(`client ${this.name}`);
      return;
    }
    this.#log.stopRefused(why);
    // Told in the way the client speaks: as control, or as a text of its own.
    if (this.#access?.saidHello) out.push(controlChunk({ type: "refused", code: "stop", text: why }));
    else out.push(new Answer(`stop refused: ${why}\n`));
  }

  #onAccess(event: AccessEvent): void {
    if (event.type === "refused") this.#reason ??= `refused: ${event.code}`;
    if (event.type === "revoked") this.#reason ??= "revoked";
    if (event.type === "admitted") this.#admitted?.resolve(event.name);
    this.#log.access(event);
  }
}
