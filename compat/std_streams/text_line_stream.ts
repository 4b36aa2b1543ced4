/**
 * A stand-in for `@std/streams/text-line-stream`, for networks that do not reach JSR: the same name, the same signature.
 *
 * @module
 */

/** Options of {@linkcode TextLineStream}. */
export interface TextLineStreamOptions {
  /** True: a lone `\r` ends a line too. Default false. */
  allowCR?: boolean;
}

/** Splits text into lines at `\n` and `\r\n`; the line ends are dropped. The last line need not end. */
export class TextLineStream extends TransformStream<string, string> {
  /** Makes the stream. */
  constructor(options: TextLineStreamOptions = {}) {
    const lineEnd = options.allowCR ? /\r\n|\n|\r(?!$)/ : /\r?\n/;
    let rest = "";
    super({
      transform(text, controller) {
        const lines = (rest + text).split(lineEnd);
        rest = lines.pop()!;
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        const last = options.allowCR && rest.endsWith("\r") ? rest.slice(0, -1) : rest;
        if (rest.length > 0) controller.enqueue(last);
      },
    });
  }
}
