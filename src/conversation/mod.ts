/**
 * Conversations: items of any codec sent to a peer and received from it, requests matched with their replies, and
 * connections that are opened again. Streams and stages between sockets are elsewhere.
 *
 * @module
 */
export {
  type Conversable,
  Conversation,
  type ConversationOptions,
  type ItemCodec,
  type WaitOptions,
} from "./conversation.ts";
export { type Backoff, reconnecting, type ReconnectingOptions } from "./reconnecting.ts";
export type { Matching } from "./requests.ts";
