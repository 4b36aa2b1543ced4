/**
 * The chat over datagrams: a server that puts a room behind a port, a client, and the protocol between them, drawn in
 * docs/protocol.md. Datagrams are sealed, and requests and events arrive whole, in order and once within a session.
 * Neither rooms nor sockets live here: see `chat/room` and `transport`.
 *
 * @module
 */
export { type ChatServer, type ChatServerOptions, serveChat } from "./server.ts";
export { ChatClient, type ChatClientOptions } from "./client.ts";
