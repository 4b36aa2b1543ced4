/**
 * The chat on a terminal.
 *
 * @module
 */
import type { ChatClient } from "../src/chat/udp/client.ts";
import { readTyped } from "../src/chat/room/input.ts";
import { renderEvent } from "../src/chat/room/render.ts";
import { isNote, perform, recordEvent } from "./chat_talk.ts";
import { messageOf } from "../src/errors.ts";
import type { ServiceLog } from "../src/service_log.ts";
import { beforeExit, exit } from "./command.ts";
import { Status } from "./status.ts";
import { Terminal } from "./terminal.ts";

/** Talks until the person types `exit` or Ctrl-D. */
export async function talk(client: ChatClient, name: string, peer: string, log: ServiceLog): Promise<Status> {
  let leaving: Promise<void> | undefined;
  const leave = () => void (leaving ??= client.leave());
  const terminal = new Terminal("> ", {
    line(text) {
      const typed = readTyped(text);
      if (typed === undefined || leaving !== undefined) return;
      if (typed.type === "leave") return leave();
      if (typed.type === "notice") return terminal.showNote(typed.text);
      perform(client, typed, peer, log).catch((error: unknown) => {
        log.record("warn", "send.failed", messageOf(error), { peer });
        terminal.showNote(messageOf(error));
      });
    },
    end: leave,
    interrupt: () => void exit(Status.interrupted),
  });
  beforeExit(() => terminal.close());
  try {
    for await (const event of client.events) {
      recordEvent(event, peer, log);
      if (event.type === "said" && event.name === name) continue; // it stands where it was typed
      const text = renderEvent(event);
      if (isNote(event)) terminal.showNote(text);
      else terminal.showData(`${text}\n`);
    }
    await client.ended;
    await leaving;
  } finally {
    terminal.close();
  }
  return Status.done;
}
