/**
 * Several servers as one, over NATS: one set of users and sessions, one chat room. A server without a cluster loads
 * nothing of this, and nothing of a socket to a client lives here.
 *
 * @module
 */
export { type Nats, type NatsOptions, openNats } from "./nats.ts";
export { ClusterRoom, type ClusterRoomOptions } from "./room.ts";
export { ClusterUserStore } from "./user_store.ts";
