/**
 * The system's limit of open files, which limits connections.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { printError } from "./command.ts";

/** Descriptors that are left for files, listeners and workers; of a low limit, half. */
const RESERVED = 64;

/**
 * Lowers a limit of connections to what the process may open, and says so. Unchanged where that is unknown: the limit is
 * read from `/proc`, which Deno does not allow.
 */
export function withinDescriptorLimit(maxConnections: number): number {
  const openFiles = maxOpenFiles();
  const max = Math.max(1, openFiles - Math.min(RESERVED, Math.ceil(openFiles / 2)));
  if (max >= maxConnections) return maxConnections;
  printError(`--max-connections ${maxConnections} is lowered to ${max}: the system allows ${openFiles} open files`);
  return max;
}

function maxOpenFiles(): number {
  try {
    // proc(5): a line for each limit, the soft one first.
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? Infinity : Number(soft);
  } catch {
    return Infinity;
  }
}
