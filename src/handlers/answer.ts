/**
 * Chunks from the server itself to its client.
 *
 * @module
 */
import { Chunk } from "../framing/chunk.ts";

/** A text from a stage to the client. Handlers after that stage pass it on: the client did not send it. */
export class Answer extends Chunk {
  /** Makes an answer: a whole text message. */
  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    super(bytes, 0, bytes.length, "text", true, true, bytes.length);
  }
}

/** True for a chunk to the client rather than from it: an answer or a control message. */
export function isAnswer(chunk: Chunk): boolean {
  return chunk.kind === "control" || chunk instanceof Answer;
}
