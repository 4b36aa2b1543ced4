/**
 * Words that several of the texts share.
 *
 * @module
 */

/** A meaning as a sentence. */
export function sentence(text: string): string {
  return `${text[0].toUpperCase()}${text.slice(1)}${text.endsWith(".") ? "" : "."}`;
}

/** The exit statuses of the commands. */
export const statuses: readonly (readonly [status: string, meaning: string])[] = [
  ["0", "done"],
  ["1", "failed"],
  ["2", "wrong usage"],
  ["3", "could not connect"],
  ["4", "timed out"],
  ["5", "not admitted, or turned away at a limit"],
  ["6", "the echo differed, or was cut short"],
  ["7", "the port is in use"],
  ["130, 143", "ended by SIGINT or SIGTERM with work unfinished"],
];
