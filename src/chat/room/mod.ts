/**
 * The room of the chat: its members, its events, what they type and how it is shown. {@linkcode chat} serves it over a
 * stream of messages or lines. Nothing here knows of datagrams, sockets or logins.
 *
 * @module
 */
export { chat, type ChatOptions } from "./chat.ts";
export { type ChatRoom, type Membership, type Refusal, Room, type RoomListener, type RoomOptions } from "./room.ts";
export type { ClientEvent, GoneReason, LeaveReason, RefuseReason, RoomEvent, RoomRequest } from "./events.ts";
export type { MemberOptions } from "./member.ts";
export { readTyped, type Typed } from "./input.ts";
export { renderEvent } from "./render.ts";
