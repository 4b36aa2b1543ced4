/**
 * Tells descriptors that never keep their reader or writer waiting.
 *
 * @module
 */
import { fstatSync, statSync } from "node:fs";

/**
 * Whether a descriptor is a file or `/dev/null`. A call for it may be made on this thread, which costs less than one on
 * another; a pipe, a terminal or another device may wait for ever, and signals and time-outs must go on meanwhile.
 */
export function isPlainFile(descriptor: number): boolean {
  try {
    const info = fstatSync(descriptor);
    if (info.isFile() || info.isDirectory()) return true; // a folder fails at once, and says why
    return info.isCharacterDevice() && info.rdev === statSync("/dev/null").rdev;
  } catch {
    return false; // it is closed: using it says so
  }
}
