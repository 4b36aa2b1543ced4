/**
 * The priority of a thread.
 *
 * @module
 */
import os from "node:os";
import process from "node:process";
import { isDeno } from "./mod.ts";

/**
 * Gives this thread what time the others leave, where the system knows priorities of threads (Linux) and the runtime may
 * set them (on Deno `--allow-sys=setPriority`); elsewhere nothing changes. It is never asked for permission.
 *
 * @see https://man7.org/linux/man-pages/man2/setpriority.2.html (under "C library/kernel differences": of one thread)
 */
export function yieldToOthers(): void {
  if (process.platform !== "linux") return; // the process as a whole would be slowed down
  const permission = { name: "sys", kind: "setPriority" } as const;
  if (isDeno && Deno.permissions.querySync(permission).state !== "granted") return;
  try {
    os.setPriority(0, os.constants.priority.PRIORITY_LOW);
  } catch {
    // A sandbox may forbid it: then the system divides the processor evenly, and the work is done all the same.
  }
}
