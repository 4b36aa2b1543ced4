/**
 * The chat on a terminal.
 *
 * @module
 */
import type { ChatClient } from "../src/chat/udp/client.ts";
import { checkText, readTyped } from "../src/chat/room/input.ts";
import { renderEvent } from "../src/chat/room/render.ts";
import { isNote, perform, recordEvent } from "./chat_talk.ts";
import { messageOf } from "../src/errors.ts";
import { printable } from "../src/printable.ts";
import type { ServiceLog } from "../src/service_log.ts";
import { beforeExit, exit } from "./command.ts";
import { Status } from "./status.ts";
import { type Reaction, Terminal } from "./terminal.ts";

/** Talks until the person types `exit` or Ctrl-D. */
export async function talk(client: ChatClient, _name: string, peer: string, log: ServiceLog): Promise<Status> {
  let leaving: Promise<void> | undefined;
  const leave = () => void (leaving ??= client.leave());
  /** Texts that the server does not have yet. */
  const unsent = new Set<{ readonly text: string }>();
  let isGone = false;
  const terminal: Terminal = new Terminal("> ", {
    line(text): Reaction {
      const typed = readTyped(text);
      if (typed === undefined || leaving !== undefined) return;
      if (typed.type === "leave") return leave();
      if (typed.type === "notice") return terminal.showNote(typed.text);
      const isText = typed.type === "say" || typed.type === "act";
      const problem = isText ? problemOf(typed.text) : undefined;
      if (problem !== undefined) return { problem };
      const entry = { text };
      if (isText) unsent.add(entry);
      perform(client, typed, peer, log).catch((error: unknown) => {
        log.record("warn", "send.failed", messageOf(error), { peer });
        terminal.showNote(isText ? `${messageOf(error)}: ${printable(text)}` : messageOf(error));
      }).finally(() => unsent.delete(entry));
      // It comes back with its time, unless nobody answers: then it is better seen where it was typed.
      return isText && !isGone ? "replaced" : undefined;
    },
    end: leave,
    interrupt: () => void exit(Status.interrupted),
  });
  beforeExit(() => terminal.close());
  try {
    for await (const event of client.events) {
      recordEvent(event, peer, log);
      const text = renderEvent(event);
      if (isNote(event)) terminal.showNote(text);
      else terminal.showData(`${text}\n`);
      if (event.type === "gone") {
        isGone = true;
        for (const { text } of unsent) terminal.showNote(`Not sent yet: ${printable(text)}`);
      } else if (event.type === "back" || event.type === "welcome") isGone = false;
    }
    await client.ended;
    await leaving;
  } finally {
    terminal.close();
  }
  return Status.done;
}

/** What is wrong with a text, if anything. */
function problemOf(text: string): string | undefined {
  try {
    checkText(text);
  } catch (error) {
    return messageOf(error);
  }
}
