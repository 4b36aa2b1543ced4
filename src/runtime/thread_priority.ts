/**
 * The priority of a thread.
 *
 * @module
 */
import os from "node:os";
import process from "node:process";
import { isDeno } from "./mod.ts";

/**
 * Lowers the priority of this thread, where the system has priorities of threads (Linux) and the runtime may set them
 * (on Deno `--allow-sys=setPriority`). Elsewhere it does nothing. It never prompts for the permission.
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
    // A sandbox may forbid it: the thread then keeps its normal priority.
  }
}
