/**
 * The part of a connection that moves no bytes: addresses, state, TLS, and its end at once.
 *
 * @module
 */
import { SocketState, type Traffic } from "../runtime/socket_state.ts";
import type { Address, Socket, TlsState } from "../runtime/socket.ts";

/** The base of `Connection`, which adds reading and writing. */
export class ConnectionBase {
  /** Address of this end. */
  readonly local: Address;
  /** Address of the peer. */
  readonly remote: Address;
  /** Counters of bytes, reads and writes so far. */
  readonly traffic: Traffic;
  /**
   * The socket, for subclasses.
   *
   * @ignore
   */
  protected readonly socket: Socket;
  /**
   * The state of its two directions, for subclasses.
   *
   * @ignore
   */
  protected readonly state: SocketState;

  /**
   * True: {@linkcode ConnectionBase.abort} with a reason resets, so that a chain of stages that has failed never looks like
   * one that has ended. Default false; `serve` sets it, unless `onFailure` says "finish".
   */
  resetOnFailure = false;

  /** Wraps a connected socket, and takes ownership of it. */
  constructor(socket: Socket) {
    this.socket = socket;
    this.state = socket.state = new SocketState(socket);
    this.local = socket.local;
    this.remote = socket.remote;
    this.traffic = this.state.traffic;
  }

  /** Resolves when the socket is closed; never rejects. */
  get closed(): Promise<void> {
    return this.state.closed;
  }

  /** True once the socket is closed. */
  get isClosed(): boolean {
    return this.state.isClosed;
  }

  /** The facts of TLS; undefined without it. */
  get tls(): TlsState | undefined {
    return this.socket.tls;
  }

  /** Callback after each read and write of bytes, for logs and limits. */
  set watch(watch: (() => void) | undefined) {
    this.state.watch = watch;
  }

  /** Lets the process wait for this connection: the default. */
  ref(): void {
    this.socket.setRef(true);
  }

  /** Lets the process end although this connection is open. */
  unref(): void {
    this.socket.setRef(false);
  }

  /** Ends both directions at once. Bytes in flight may be lost. `reason`: see {@linkcode ConnectionBase.resetOnFailure}. */
  abort(reason?: unknown): void {
    if (reason !== undefined && this.resetOnFailure) this.reset();
    else this.state.close();
  }

  /**
   * Ends both directions at once, so that the peer sees a failure and takes nothing for complete: a TCP reset (RFC 9293,
   * 3.5.2), which drops sent bytes that are still on their way. Pending reads and writes fail with `closed`.
   *
   * On Node that holds for TCP and for TLS over it. On Deno, which has no call for it, it holds for TCP where no read or
   * write is pending. Where one is, the connection is reset when the peer sends, ends, or receives; one that does nothing
   * for 1 s sees the end of the stream. Over TLS on Deno, and over Unix sockets, the peer sees the end.
   *
   * @example
   * ```ts
   * import assert from "node:assert/strict";
   * import { connect, listen } from "echopipe";
   *
   * await using listener = await listen({}, async (peer) => {
   *   await peer.read();
   *   peer.reset();
   * });
   * await using connection = await connect({ port: listener.address.port });
   * await connection.write(new TextEncoder().encode("hello"));
   * await assert.rejects(connection.read(), { code: "reset" });
   * ```
   */
  reset(): void {
    this.state.reset();
  }
}
