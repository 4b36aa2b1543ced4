/**
 * The chat without a terminal: lines in, lines out.
 *
 * @module
 */
import process from "node:process";
import { Readable } from "node:stream";
import type { ChatClient } from "../src/chat/udp/client.ts";
import { isNote, perform, recordEvent } from "./chat_talk.ts";
import { TextGatherer } from "../src/framing/text_gatherer.ts";
import { MAX_TEXT, readTyped } from "../src/chat/room/input.ts";
import { renderEvent } from "../src/chat/room/render.ts";
import { messageOf } from "../src/errors.ts";
import { line } from "../src/framing/line.ts";
import type { ServiceLog } from "../src/service_log.ts";
import { printError } from "./command.ts";
import { CommandError, Status } from "./status.ts";

/** So many lines may be on their way at a time. */
const MAX_UNACKNOWLEDGED = 200;

/** A script is not kept waiting longer for a server that is gone, in milliseconds. */
const MAX_GONE_MS = 60_000;

/** Says every line of standard input; ends when the server has acknowledged the last. */
export async function talk(client: ChatClient, _name: string, peer: string, log: ServiceLog): Promise<Status> {
  const lost = Promise.withResolvers<never>();
  const shown = show(client, peer, log, lost.reject);
  let status: Status = Status.done;
  const fail = (problem: string) => {
    status = Status.failed;
    printError(`chat: ${problem}`);
  };
  const underway = new Set<Promise<void>>();
  /** Takes a line, if there is one; false: it was the last. */
  const take = async (gather: () => string | undefined): Promise<boolean> => {
    let text: string | undefined;
    try {
      text = gather();
    } catch (error) {
      fail(messageOf(error));
    }
    const typed = text === undefined ? undefined : readTyped(text);
    if (typed === undefined) return true;
    if (typed.type === "leave") return false;
    if (typed.type === "notice") printError(typed.text);
    while (underway.size >= MAX_UNACKNOWLEDGED) await Promise.race(underway);
    const sent = perform(client, typed, peer, log)
      .catch((error: unknown) => fail(messageOf(error)))
      .finally(() => underway.delete(sent));
    underway.add(sent);
    return true;
  };
  const gatherer = new TextGatherer(MAX_TEXT);
  const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
  const reading = (async () => {
    for await (const chunk of line().decoder.over(input)) {
      if (!await take(() => gatherer.take(chunk))) return;
    }
    await take(() => gatherer.end());
  })();
  const said = async () => {
    // If the client ends first, the rest of the input is of no use.
    await Promise.race([reading, client.ended]);
    await Promise.all(underway);
  };
  await Promise.race([said(), lost.promise]);
  await client.leave();
  await shown;
  return status;
}

/** The conversation on standard output, notes on standard error; `lost` hears of a server that is gone for too long. */
async function show(
  client: ChatClient,
  peer: string,
  log: ServiceLog,
  lost: (reason: CommandError) => void,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const giveUp = () => {
    const text = `Cannot go on: the chat server ${peer} has been gone for ${MAX_GONE_MS / 1000} s`;
    lost(new CommandError(Status.timedOut, text));
  };
  for await (const event of client.events) {
    recordEvent(event, peer, log);
    if (event.type === "gone") timer ??= setTimeout(giveUp, MAX_GONE_MS);
    else if (event.type === "back" || event.type === "welcome") {
      clearTimeout(timer);
      timer = undefined;
    }
    const text = renderEvent(event);
    if (isNote(event)) printError(text);
    else await new Promise<void>((resolve) => process.stdout.write(`${text}\n`, () => resolve()));
  }
  clearTimeout(timer);
}
