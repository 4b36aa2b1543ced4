/**
 * Standard output that is a terminal: text only.
 *
 * @module
 */
import type { ByteSink } from "../src/pipe/bytes.ts";
import { CommandError, Status } from "./status.ts";

/** Bytes that are looked at. A file of text has no NUL, and others nearly always have one among their first bytes. */
const LOOKED_AT = 2000;

/** A sink that refuses data which is no text, before any of it reaches the terminal. */
export function textOnly(sink: ByteSink): ByteSink {
  let seen = 0;
  return {
    write(bytes) {
      if (seen < LOOKED_AT && bytes.subarray(0, LOOKED_AT - seen).includes(0)) return Promise.reject(binary());
      seen += bytes.length;
      return sink.write(bytes);
    },
    endWrite: () => sink.endWrite(),
    abort: (reason) => sink.abort(reason),
  };
}

function binary(): CommandError {
  return new CommandError(
    Status.failed,
    "Cannot write the echo to a terminal: it is no text; expected --output FILE, or --output - to write it all the same",
  );
}
