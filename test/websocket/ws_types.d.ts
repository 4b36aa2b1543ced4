/** The parts of npm's `ws` that the tests use: it has no types of its own. */
import { EventEmitter } from "node:events";

export class WebSocket extends EventEmitter {
  static readonly OPEN: number;
  constructor(address: string, protocols?: string[], options?: Record<string, unknown>);
  readonly readyState: number;
  readonly protocol: string;
  readonly extensions: string;
  send(data: string | Uint8Array, options?: { binary?: boolean; fin?: boolean }): void;
  ping(data?: string): void;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

export class WebSocketServer extends EventEmitter {
  constructor(options: Record<string, unknown>, listening?: () => void);
  address(): { port: number };
  close(): void;
}
