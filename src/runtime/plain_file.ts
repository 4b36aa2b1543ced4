/**
 * Detection of file descriptors that never block.
 *
 * @module
 */
import { fstatSync, statSync } from "node:fs";

/**
 * True for a descriptor of a file or of `/dev/null`. Reading and writing it synchronously costs less than
 * asynchronously. A pipe, a terminal or another device may block for ever, and with it signals and timeouts.
 */
export function isPlainFile(descriptor: number): boolean {
  try {
    const info = fstatSync(descriptor);
    if (info.isFile() || info.isDirectory()) return true; // using a folder fails at once, with the reason
    return info.isCharacterDevice() && info.rdev === statSync("/dev/null").rdev;
  } catch {
    return false; // closed: using it fails with the reason
  }
}
