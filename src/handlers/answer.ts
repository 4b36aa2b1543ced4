/**
 * What the server itself has to say to a client.
 *
 * @module
 */
import { Chunk } from "../framing/chunk.ts";

/** A text of a stage's own. A handler behind that stage sends it on as it is: it is not what the client said. */
export class Answer extends Chunk {
  /** Makes an answer, a whole text message. */
  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    super(bytes, 0, bytes.length, "text", true, true, bytes.length);
  }
}

/** Whether a chunk is for the client rather than from it: an answer, or a control message. */
export function isAnswer(chunk: Chunk): boolean {
  return chunk.kind === "control" || chunk instanceof Answer;
}
