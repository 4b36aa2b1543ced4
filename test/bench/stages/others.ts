/**
 * Other libraries where they do the same work. The project does not depend on them.
 *
 * @module
 */
import type { Group } from "../measure.ts";
import { decodingFrames, encodingFrames } from "./beside_frames.ts";
import { jsonOf } from "./beside_json.ts";
import { decodingLines, encodingLines } from "./beside_lines.ts";

/** The groups of this file. */
export function otherGroups(): Group[] {
  return [64, 1024].flatMap((size) => [
    ...decodingFrames(size),
    ...encodingFrames(size),
    ...decodingLines(size),
    ...encodingLines(size),
    ...jsonOf(size),
  ]);
}
