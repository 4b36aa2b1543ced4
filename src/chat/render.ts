/**
 * Events as lines of text.
 *
 * @module
 */
import type { ClientEvent, GoneReason } from "./client_events.ts";
import type { LeaveReason, RoomEvent } from "./room_events.ts";
import { printable } from "../printable.ts";

const left: Readonly<Record<LeaveReason, string>> = {
  left: "left",
  lost: "is gone: nothing was heard for too long",
  behind: "is gone: it did not read fast enough",
  stopped: "is gone: the server stops",
};

const gone: Readonly<Record<GoneReason, string>> = {
  silent: "The server does not answer any more",
  lost: "The server has not heard of you for too long",
  behind: "You did not read fast enough",
  stopped: "The server has stopped",
};

const bye: Readonly<Record<LeaveReason, string>> = {
  left: "Goodbye",
  lost: "Goodbye: nothing was heard of you for too long",
  behind: "Goodbye: you did not read fast enough",
  stopped: "Goodbye: the server stops",
};

/**
 * An event as one line of text, without a line end. Nothing in it can do anything to a terminal.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { renderEvent } from "echopipe";
 *
 * const time = new Date(2026, 10, 21, 12, 0, 1).getTime();
 * assert.equal(renderEvent({ type: "said", time, name: "ada", text: "hello" }), "12:00:01 ada: hello");
 * ```
 */
export function renderEvent(event: RoomEvent | ClientEvent): string {
  return printable(line(event));
}

function line(event: RoomEvent | ClientEvent): string {
  switch (event.type) {
    case "said":
      return `${clock(event.time)} ${event.name}: ${event.text}`;
    case "acted":
      return `${clock(event.time)} * ${event.name} ${event.text}`;
    case "joined":
      return `${clock(event.time)} ${event.name} joined`;
    case "left":
      return `${clock(event.time)} ${event.name} ${left[event.reason]}`;
    case "members":
      return `Here: ${list(event.names)}`;
    case "welcome":
      return `Welcome, ${event.name}. Here: ${list(event.names)}. /help explains`;
    case "gone":
      return `${gone[event.reason]}; joining again as soon as it answers`;
    case "back":
      return "The server answers again; nothing was lost";
    case "bye":
      return bye[event.reason];
    case "refused":
    case "waiting":
    case "notice":
      return event.text;
  }
}

function list(names: readonly string[]): string {
  return `${names.join(", ")} (${names.length})`;
}

/** The time of day, in this machine's own zone. */
function clock(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => `${part}`.padStart(2, "0")).join(":");
}
