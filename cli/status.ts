/**
 * Exit statuses, and the errors that lead to them.
 *
 * @module
 */
import { EchopipeError } from "../src/errors.ts";

/** Exit statuses of the commands. */
export const Status = {
  done: 0,
  failed: 1,
  usage: 2,
  notConnected: 3,
  timedOut: 4,
  notAdmitted: 5,
  echoDiffers: 6,
  portInUse: 7,
  interrupted: 130,
} as const;

/** One of the exit statuses. */
export type Status = typeof Status[keyof typeof Status];

/** A command's failure with the status it ends with. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly status: Status;

  constructor(status: Status, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/** The exit status of a failure. */
export function statusOf(error: unknown): Status {
  if (error instanceof CommandError) return error.status;
  if (!(error instanceof EchopipeError)) return Status.failed;
  switch (error.code) {
    case "invalid-argument":
      return Status.usage;
    case "connection-refused":
    case "host-not-found":
    case "unreachable":
    case "tls":
      return Status.notConnected;
    case "timed-out":
      return Status.timedOut;
    case "refused":
      return Status.notAdmitted;
    case "address-in-use":
      return Status.portInUse;
    default:
      return Status.failed;
  }
}
