/**
 * What the server itself has to say to a client.
 *
 * @module
 */
import { Portion } from "../framing/portion.ts";

/** A text of a stage's own. A handler behind that stage sends it on as it is: it is not what the client said. */
export class Answer extends Portion {
  /** Makes an answer, a whole text message. */
  constructor(text: string) {
    const bytes = new TextEncoder().encode(text);
    super(bytes, 0, bytes.length, "text", true, true, bytes.length);
  }
}

/** Whether a portion is for the client rather than from it: an answer, or a control message. */
export function isAnswer(portion: Portion): boolean {
  return portion.kind === "control" || portion instanceof Answer;
}
