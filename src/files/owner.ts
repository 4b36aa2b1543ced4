/**
 * Owners of files.
 *
 * @module
 */
import type { Stats } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isMissing } from "./folder.ts";

/**
 * Gives a file the owner and mode of the one at `path`, as far as the system allows it. Where there is none, it gets the
 * owner of the folder: `sudo` must not lock out the user whose folder that is.
 */
export async function inherit(file: FileHandle, path: string): Promise<void> {
  const model = await stat(path).catch((error) => {
    if (!isMissing(error)) throw error;
  });
  if (model === undefined) return void await chown(file, await stat(dirname(path)));
  const kept = await chown(file, model);
  // Never for more people than before: whoever cannot keep the group grants nothing to another.
  await file.chmod(model.mode & (kept ? 0o777 : 0o700));
}

/** Changes the owner where it is another; false: the system does not allow it. */
async function chown(file: FileHandle, { uid, gid }: Stats): Promise<boolean> {
  const own = await file.stat();
  if (own.uid === uid && own.gid === gid) return true;
  return await file.chown(uid, gid).then(() => true, () => false);
}
