/**
 * The file of a Unix socket: a stale one is replaced before listening, the own one is removed at the end.
 *
 * @module
 */
import type { BigIntStats } from "node:fs";
import { lstat, unlink } from "node:fs/promises";
import { EchopipeError } from "../errors.ts";
import { transport } from "../runtime/mod.ts";
import { formatAddress, unixAddress } from "../runtime/socket.ts";
import { systemError } from "../runtime/system_error.ts";

/** Time that a listener at the path has to accept a connection, in milliseconds. */
const ANSWER_MS = 2000;

async function infoOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return undefined;
    throw systemError(`Cannot listen on ${formatAddress(unixAddress(path))}`, error);
  }
}

/**
 * Removes a socket that nobody listens on. Anything else at the path stays.
 *
 * @throws {EchopipeError} `address-in-use` if somebody listens there, or the file is no socket
 */
export async function freePath(path: string): Promise<void> {
  const info = await infoOf(path);
  if (info === undefined) return;
  const attempt = `Cannot listen on ${formatAddress(unixAddress(path))}`;
  if (!info.isSocket()) {
    throw new EchopipeError("address-in-use", `${attempt}: a file that is no socket is there; expected a free path`);
  }
  const { connect } = await transport();
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    (await connect({ at: unixAddress(path), signal, noDelay: true, keepAlive: true })).close();
  } catch (error) {
    if (!(error instanceof EchopipeError) || error.code !== "connection-refused") {
      throw new EchopipeError("address-in-use", `${attempt}: the socket there cannot be tried`, { cause: error });
    }
    return await unlink(path).catch((error) => {
      throw systemError(`${attempt}: the stale socket there cannot be removed`, error);
    });
  }
  throw new EchopipeError("address-in-use", `${attempt}: another socket listens there`);
}

/** Returns the function that removes the socket at the path, unless another has taken its place. */
export async function removerOf(path: string): Promise<() => Promise<void>> {
  const own = await infoOf(path);
  return async () => {
    const now = await infoOf(path).catch(() => undefined);
    if (now === undefined || own === undefined) return;
    // The number of a removed file may be given to the next one.
    if (now.ino !== own.ino || now.dev !== own.dev || now.birthtimeNs !== own.birthtimeNs) return;
    await unlink(path).catch(() => {}); // a stale socket is replaced by the next listener
  };
}
