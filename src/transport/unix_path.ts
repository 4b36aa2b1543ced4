/**
 * The file of a Unix socket: a stale one is removed before listening. The runtimes remove it when a listener is closed.
 *
 * @module
 */
import { lstat, unlink } from "node:fs/promises";
import { EchopipeError } from "../errors.ts";
import { transport } from "../runtime/mod.ts";
import { formatAddress, unixAddress } from "../runtime/socket.ts";
import { systemError } from "../runtime/system_error.ts";

/** Time that a listener at the path has to accept a connection, in milliseconds. */
const ANSWER_MS = 2000;

/** True for a socket at the path, false for any other file, undefined for none. */
async function isSocket(path: string): Promise<boolean | undefined> {
  try {
    return (await lstat(path)).isSocket();
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
  const found = await isSocket(path);
  if (found === undefined) return;
  const attempt = `Cannot listen on ${formatAddress(unixAddress(path))}`;
  if (!found) {
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
