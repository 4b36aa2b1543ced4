/** Conversations with the access stage, as values. */
import { Chunk } from "../../src/framing/chunk.ts";
import type { Access } from "../../src/access/access.ts";
import { type Control, controlChunk, parseControl } from "../../src/access/control.ts";
import { echo } from "../../src/handlers/echo.ts";
import { pipeline } from "../../src/stage/pipeline.ts";
import type { Login, Step } from "../../src/access/steps.ts";
import { MemoryUserStore } from "../../src/identity/memory_store.ts";
import { Passwords } from "../../src/identity/passwords.ts";
import { Sessions } from "../../src/identity/sessions.ts";
import { Throttle } from "../../src/identity/throttle.ts";

/** A control message, a text message, or a line (a string that ends with a line feed). */
export type Turn = Control | string | Chunk;

/** A turn as the decoder gives it. */
export function chunkOf(turn: Turn): Chunk {
  if (turn instanceof Chunk) return turn;
  if (typeof turn !== "string") return controlChunk(turn);
  const bytes = new TextEncoder().encode(turn);
  if (!turn.endsWith("\n")) return Chunk.whole(bytes, "text");
  return new Chunk(bytes, 0, bytes.length, "text", true, true, undefined);
}

/** A chunk that came back as a turn. */
export function turnOf(chunk: Chunk): Turn | undefined {
  if (chunk.kind === "control") return parseControl(chunk.bytes);
  return new TextDecoder().decode(chunk.bytes);
}

/** What comes back when all of this is said to a server that echoes. */
export function say(stage: Access, ...turns: Turn[]): Promise<(Turn | undefined)[]> {
  return Array.fromAsync(pipeline(stage, echo<Chunk>()).over(turns.map(chunkOf)), turnOf);
}

/** The types of what came back, with their codes. */
export function shortly(turns: (Turn | undefined)[]): string[] {
  return turns.map((turn) => {
    if (typeof turn === "string") return turn;
    const { type, code, field } = turn as { type: string; code?: string; field?: string };
    return code ?? field ? `${type} ${code ?? field}` : type;
  });
}

export const hello: Control = { type: "hello", version: 1 };
export const answer = (field: string, value: string): Control => ({ type: "answer", field, value });

/** A login that admits whoever says "friend". */
export function gate(): Login {
  const ask: Step = { type: "ask", field: "name", text: "Who goes there?" };
  return {
    begin: (token) => token === "valid" ? { type: "welcome", name: "friend", token } : ask,
    answer: (value) => value === "friend" ? { type: "welcome", name: "friend", text: "Pass, friend" } : ask,
  };
}

/** What the logins of one server share, with hashes that cost little. */
export function shared() {
  return {
    users: new MemoryUserStore(),
    passwords: new Passwords({ memory: 64, passes: 1 }),
    sessions: new Sessions(),
    throttle: new Throttle(),
  };
}
