/**
 * One client's session of the echo server.
 *
 * @module
 */
import { type Access, access } from "../access/access.ts";
import { controlChunk } from "../access/control.ts";
import type { Gate } from "../access/gate.ts";
import type { AccessEvent } from "../access/steps.ts";
import { auto, type AutoCodec } from "../framing/auto.ts";
import type { Chunk } from "../framing/chunk.ts";
import type { ChunkCodec } from "../framing/framing.ts";
import { Answer } from "../handlers/answer.ts";
import { commands } from "../handlers/commands.ts";
import { HTTP_REFUSAL, type RefuseHttp, refuseHttp } from "../handlers/refuse_http.ts";
import { pipe } from "../pipe/pipe.ts";
import { pipeline } from "../stage/pipeline.ts";
import type { Output, Stage } from "../stage/stage.ts";
import { isProtocolError } from "./client_log.ts";
import { recordAccess } from "./access_log.ts";
import { framings, type ServerSettings } from "./options.ts";
import type { ServePipe } from "./faulty.ts";
import { webSocketOptions } from "./page/web.ts";
import type { ServedConnection, Session } from "./session.ts";

/** Time for a client of the framing `auto` to speak first, in milliseconds. */
const SPEAK_AFTER_MS = 500;

/** The parts that all sessions of the echo server share. */
export interface EchoContext {
  readonly settings: ServerSettings;
  readonly gate: Gate;
  /** Runs the stages with faults on purpose; undefined: without. */
  readonly faulty: ServePipe | undefined;
  /** Called when a client that may has sent `stop`. */
  stopRequested(by: string): void;
}

/**
 * A connection through the stages of the echo server. As streams it would be
 *
 * ```ts ignore
 * peer.readable
 *   .pipeThrough(refuseHttp()) // in the framing line: no web page may send commands
 *   .pipeThrough(decoder)      // bytes -> chunks of messages
 *   .pipeThrough(access)       // who is there
 *   .pipeThrough(commands)     // exit, stop
 *   .pipeThrough(handler)      // echo()
 *   .pipeThrough(encoder)      // chunks of messages -> bytes
 *   .pipeThrough(fault)        // where faults are asked for
 *   .pipeTo(peer.writable)
 * ```
 *
 * and runs as that does; joined by `pipeline` an idle connection has no stream objects.
 */
export class EchoSession implements Session {
  readonly counts: ChunkCodec;
  readonly #served: ServedConnection;
  readonly #context: EchoContext;
  readonly #stages: Stage<Uint8Array, Uint8Array>;
  /** Resolves with the client's name, where clients are asked. */
  readonly #admitted: PromiseWithResolvers<string | undefined> | undefined;
  #access: Access | undefined;
  /** Set in the framing `auto`. */
  readonly #auto: AutoCodec | undefined;
  /** Set in the framing `line`. */
  #http: RefuseHttp | undefined;

  /** Makes the stages of one connection. Throws what the service throws. */
  constructor(served: ServedConnection, context: EchoContext) {
    this.#served = served;
    this.#context = context;
    const { framing, chunkSize, access, page } = context.settings;
    if (access !== "open") this.#admitted = Promise.withResolvers();
    if (framing === "auto") this.#auto = auto({ chunkSize, webSocket: webSocketOptions(page) });
    this.counts = this.#auto ?? framings[framing]({ chunkSize });
    this.#stages = this.#join();
  }

  serve(): Promise<void> {
    const { connection } = this.#served;
    // The server ends the connection, when the last word is said and the log knows why.
    const keep = { preventAbort: true, preventCancel: true };
    const { faulty } = this.#context;
    const served = faulty ? faulty(this.#served, this.#stages, keep) : pipe(connection, this.#stages, connection, keep);
    return this.#auto === undefined ? served : served.then(() => {
      if (this.#auto!.detected === "http") this.#served.endsBecause("HTTP request");
    });
  }

  farewell(reason: string, text: string): void {
    this.#access?.farewell(reason, text);
    this.#auto?.webSocket?.goAway();
  }

  async failed(error: unknown): Promise<void> {
    const refused = this.#http?.found || this.#auto?.detected === "http" && this.#auto.webSocket === undefined;
    const last = refused ? HTTP_REFUSAL : this.#auto?.webSocket?.closeFrame(error);
    if (last !== undefined) await this.#served.connection.write(last).catch(() => {}); // it has left
  }

  /** A client that broke the protocol gets what was echoed so far, then the end; a service's failure is no end. */
  resetsAfter(error: unknown): boolean {
    return !isProtocolError(error);
  }

  #join(): Stage<Uint8Array, Uint8Array> {
    const { settings: { framing, access: mode, loginTimeout, service }, gate } = this.#context;
    const { decoder, encoder } = this.counts;
    const handler = service({
      peer: this.#served.name,
      name: this.#admitted?.promise,
      waitMs: framing === "auto" ? SPEAK_AFTER_MS : 0,
      lines: () => this.#auto ? (this.#auto.detected ?? "line") === "line" : framing !== "message",
    });
    if (framing === "raw") return pipeline(decoder, handler, encoder);
    const admission = this.#access = access({
      mode,
      login: gate.login(this.#served.connection.remote.address),
      framing: this.#auto ?? framing as "message" | "line",
      loginTimeout: loginTimeout * 1000,
      onEvent: (event) => this.#onAccess(event),
    });
    const words = commands({
      exit: (out) => this.#leave("exit", "Goodbye", out),
      stop: (out) => this.#stop(out),
    });
    if (framing !== "line") return pipeline(decoder, admission, words, handler, encoder);
    this.#http = refuseHttp();
    return pipeline(this.#http, decoder, admission, words, handler, encoder);
  }

  #leave(reason: string, text: string, out: Output<Chunk>): void {
    this.#served.endsBecause(reason);
    const bye = this.#access?.bye(reason, text);
    if (bye !== undefined) out.push(bye);
    out.end();
  }

  /** `stop` is for those who may: a stranger must not end a server that is left running. */
  #stop(out: Output<Chunk>): void {
    const why = this.#auto?.webSocket !== undefined
      ? "it is never taken from a WebSocket"
      : this.#context.gate.stopRefusal(this.#access?.name, this.#served.connection.remote.address);
    if (why === undefined) {
      this.#leave("stop", "The server stops", out);
      this.#context.stopRequested(`client ${this.#served.name}`);
      return;
    }
    this.#served.log.record("warn", "stop.refused", `sent stop and may not: ${why}`);
    // Told in the way the client speaks: as control, or as a text of its own.
    if (this.#access?.saidHello) out.push(controlChunk({ type: "refused", code: "stop", text: why }));
    else out.push(new Answer(`stop refused: ${why}\n`));
  }

  #onAccess(event: AccessEvent): void {
    if (event.type === "refused") this.#served.endsBecause(`refused: ${event.code}`);
    if (event.type === "revoked") this.#served.endsBecause("revoked");
    if (event.type === "admitted") this.#admitted?.resolve(event.name);
    recordAccess(this.#served.log, event, this.#admitted !== undefined);
  }
}
