/**
 * Steps of a login as they are sent: as control messages, or as a dialogue in plain text.
 *
 * @module
 */
import type { Chunk } from "../framing/chunk.ts";
import { Answer } from "../handlers/answer.ts";
import type { AccessMode, Step } from "./steps.ts";
import { CONTROL_VERSION, controlChunk, type ServerControl } from "./control.ts";

function stepControl(step: Step, access: AccessMode): ServerControl {
  switch (step.type) {
    case "welcome":
      return {
        type: "welcome",
        version: CONTROL_VERSION,
        access,
        ...(step.name !== undefined && { name: step.name }),
        ...(step.token !== undefined && { token: step.token }),
        ...(step.expires !== undefined && { expires: step.expires.toISOString() }),
      };
    case "refused":
      return {
        type: "refused",
        code: step.code,
        text: step.text,
        ...(step.retryAfter !== undefined && { retry_after_s: step.retryAfter }),
      };
    case "ask":
      return { type: "ask", field: step.field, text: step.text };
    default:
      return step;
  }
}

/** A step as a control message. */
export function stepChunk(step: Step, access: AccessMode): Chunk {
  return controlChunk(stepControl(step, access));
}

/** A step as a line or a text message; undefined where there is nothing to say. */
export function stepAnswer(step: Step, framing: "line" | "message"): Chunk | undefined {
  const text = stepText(step);
  return text === undefined ? undefined : new Answer(framing === "line" ? `${text}\n` : text);
}

function stepText(step: Step): string | undefined {
  if (step.type !== "refused") return step.text;
  const later = step.retryAfter === undefined ? "" : `; try again in ${step.retryAfter} s`;
  return `Refused: ${step.text}${later}`;
}
