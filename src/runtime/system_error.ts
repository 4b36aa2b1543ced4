/**
 * The system's errors, in the words of this library.
 *
 * @module
 */
import { EchopipeError, type ErrorCode, messageOf } from "../errors.ts";
import { tlsReason } from "./tls_reason.ts";

/** Errors of the system by their code (errno(3)) or, where a runtime gives none, by their name. */
const codes: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  EADDRINUSE: ["address-in-use", "another socket listens there"],
  AddrInUse: ["address-in-use", "another socket listens there"],
  EADDRNOTAVAIL: ["address-not-available", "the address does not belong to this machine"],
  AddrNotAvailable: ["address-not-available", "the address does not belong to this machine"],
  EACCES: ["permission", "the system does not allow it (ports below 1024 are often reserved)"],
  EPERM: ["permission", "the system does not allow it"],
  PermissionDenied: ["permission", "the system does not allow it (ports below 1024 are often reserved)"],
  NotCapable: ["permission", "the runtime was not given the permission"],
  ENOTFOUND: ["host-not-found", "no address is known for that name"],
  EAI_AGAIN: ["host-not-found", "no address is known for that name"],
  ECONNREFUSED: ["connection-refused", "nothing listens there"],
  ConnectionRefused: ["connection-refused", "nothing listens there"],
  EHOSTUNREACH: ["unreachable", "no route leads there"],
  ENETUNREACH: ["unreachable", "no route leads there"],
  ECONNRESET: ["reset", "the peer reset the connection"],
  ConnectionReset: ["reset", "the peer reset the connection"],
  EPIPE: ["reset", "the peer no longer receives"],
  BrokenPipe: ["reset", "the peer no longer receives"],
  ENOTCONN: ["reset", "the peer has left already"],
  ECONNABORTED: ["reset", "the connection was aborted"],
  ConnectionAborted: ["reset", "the connection was aborted"],
  UnexpectedEof: ["reset", "the peer left without ending TLS"],
  ETIMEDOUT: ["timed-out", "the peer did not answer"],
  TimedOut: ["timed-out", "the peer did not answer"],
  BadResource: ["closed", "the connection is closed"],
  Interrupted: ["closed", "the connection is closed"],
  ERR_STREAM_DESTROYED: ["closed", "the connection is closed"],
  ERR_STREAM_WRITE_AFTER_END: ["closed", "the connection is closed"],
};

/** A failure of the system as an {@linkcode EchopipeError}: `attempt` is what was tried, without a period. */
export function systemError(attempt: string, cause: unknown): EchopipeError {
  if (cause instanceof EchopipeError) return cause;
  const { code, name } = cause as { code?: string; name?: string };
  const known = codes[code ?? ""] ?? codes[name ?? ""] ??
    (/failed to lookup address|Name or service not known|No address associated/i.test(messageOf(cause))
      ? codes.ENOTFOUND
      : undefined);
  const tls = known === undefined ? tlsReason(cause) : undefined;
  if (tls !== undefined) return new EchopipeError("tls", `${attempt}: ${tls}`, { cause });
  if (known === undefined) return new EchopipeError("io", `${attempt}: ${messageOf(cause)}`, { cause });
  return new EchopipeError(known[0], `${attempt}: ${known[1]}`, { cause });
}
