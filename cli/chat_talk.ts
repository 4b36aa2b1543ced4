/**
 * Handling of lines and events, the same for the interactive and the piped chat.
 *
 * @module
 */
import type { ChatClient } from "../src/chat/udp/client.ts";
import type { ClientEvent } from "../src/chat/room/events.ts";
import type { Typed } from "../src/chat/room/input.ts";
import { count, type ServiceLog } from "../src/service_log.ts";

/** Does what was typed, and logs what was sent; resolves when the server has it. */
export async function perform(client: ChatClient, typed: Typed, peer: string, log: ServiceLog): Promise<void> {
  if (typed.type === "who") await client.who();
  if (typed.type !== "say" && typed.type !== "act") return;
  await (typed.type === "say" ? client.say(typed.text) : client.act(typed.text));
  const bytes = new TextEncoder().encode(typed.text).length;
  log.record("info", "data.sent", `Sent ${count(bytes, "byte")} to ${peer}`, { peer, bytes, chunks: 1 });
}

/** Logs an event: that something was said, never what. */
export function recordEvent(event: ClientEvent, peer: string, log: ServiceLog): void {
  if (event.type === "said" || event.type === "acted") {
    const bytes = new TextEncoder().encode(event.text).length;
    log.record("info", "data.received", `Received ${count(bytes, "byte")} from ${peer}`, { peer, bytes, chunks: 1 });
  } else if (event.type === "gone") {
    log.record("warn", "server.gone", `The chat server ${peer} is gone: ${event.reason}`, {
      peer,
      reason: event.reason,
    });
  }
}

/** Tells if an event is for the person rather than part of the conversation. */
export function isNote({ type }: ClientEvent): boolean {
  return type === "welcome" || type === "gone" || type === "back" || type === "waiting" || type === "notice";
}
