/**
 * Errors of the system and of the runtimes, with their meaning.
 *
 * @module
 */
import { EchopipeError, type ErrorCode, messageOf } from "../errors.ts";
import { tlsReason } from "./tls_reason.ts";

/** The meaning of an error of the system. */
export interface SystemFault {
  /** Code in this library. */
  readonly code: ErrorCode;
  /** Message for a socket. */
  readonly socket?: string;
  /** Message for a file. */
  readonly file?: string;
}

const DENIED = "the system does not allow it";

/** Meanings by name: those of errno(3), of Node's codes and of Deno's error classes. */
const table: readonly (readonly [names: string, fault: SystemFault])[] = [
  ["EADDRINUSE AddrInUse", { code: "address-in-use", socket: "another socket listens there" }],
  [
    "EADDRNOTAVAIL AddrNotAvailable",
    { code: "address-not-available", socket: "the address does not belong to this machine" },
  ],
  [
    "EACCES PermissionDenied",
    { code: "permission", socket: `${DENIED} (ports below 1024 are often reserved)`, file: DENIED },
  ],
  ["EPERM", { code: "permission", socket: DENIED, file: DENIED }],
  [
    "NotCapable",
    {
      code: "permission",
      socket: "the runtime was not given the permission",
      file: "it is out of reach of the permissions that this command runs with",
    },
  ],
  ["ENOTFOUND EAI_AGAIN", { code: "host-not-found", socket: "no address is known for that name" }],
  ["ECONNREFUSED ConnectionRefused", { code: "connection-refused", socket: "nothing listens there" }],
  ["EHOSTUNREACH ENETUNREACH", { code: "unreachable", socket: "no route leads there" }],
  ["ECONNRESET ConnectionReset", { code: "reset", socket: "the peer reset the connection" }],
  ["EPIPE BrokenPipe", { code: "reset", socket: "the peer no longer receives" }],
  ["ENOTCONN", { code: "reset", socket: "the peer has left already" }],
  ["ECONNABORTED ConnectionAborted", { code: "reset", socket: "the connection was aborted" }],
  ["UnexpectedEof", { code: "reset", socket: "the peer left without ending TLS" }],
  ["ETIMEDOUT TimedOut", { code: "timed-out", socket: "the peer did not answer" }],
  [
    "BadResource Interrupted ERR_STREAM_DESTROYED ERR_STREAM_WRITE_AFTER_END",
    { code: "closed", socket: "the connection is closed" },
  ],
  [
    "EMFILE",
    {
      code: "io",
      socket: "the process has as many open files as the system allows it; expected a higher limit (ulimit -n)",
      file: "the process has as many open files as the system allows it",
    },
  ],
  ["ENOENT NotFound", { code: "io", socket: "no socket is there", file: "there is no such file or folder" }],
  ["EISDIR IsADirectory", { code: "io", file: "it is a folder; expected a file" }],
  ["ENOTDIR NotADirectory", { code: "io", file: "a part of its path is a file; expected a folder" }],
  ["ENOSPC", { code: "io", file: "no space is left on the device" }],
  ["EROFS", { code: "io", file: "its file system is read-only" }],
];

const faults = new Map(table.flatMap(([names, fault]) => names.split(" ").map((name) => [name, fault])));

/** The meaning of an error; undefined if it is not in the table. */
export function systemFault(error: unknown): SystemFault | undefined {
  const { code, name } = error as { code?: string; name?: string };
  return faults.get(code ?? "") ?? faults.get(name ?? "");
}

/** Makes an {@linkcode EchopipeError} of a socket's failure. `attempt`: the attempted action, without a period. */
export function systemError(attempt: string, cause: unknown): EchopipeError {
  if (cause instanceof EchopipeError) return cause;
  const message = messageOf(cause);
  const fault = systemFault(cause) ??
    // Deno has no error class for a failed lookup.
    (/failed to lookup address|Name or service not known|No address associated/i.test(message)
      ? faults.get("ENOTFOUND")
      : undefined);
  if (fault !== undefined) return new EchopipeError(fault.code, `${attempt}: ${fault.socket ?? message}`, { cause });
  const tls = tlsReason(cause);
  return new EchopipeError(tls === undefined ? "io" : "tls", `${attempt}: ${tls ?? message}`, { cause });
}
