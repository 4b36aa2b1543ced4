/**
 * What others said, for a log or a terminal.
 *
 * @module
 */

// deno-lint-ignore no-control-regex -- control characters are what it takes out
const control = /[\u0000-\u001f\u007f-\u009f]+/g;

/** The text without what would steer a terminal, or pass for another line or record. */
export function oneLine(text: string): string {
  return text.replace(control, " ");
}
