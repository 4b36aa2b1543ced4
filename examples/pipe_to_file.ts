/**
 * Files over TCP in one file: each connection is written to a file of its own, in flat memory, and answered by its size
 * and SHA-256. A file appears under its name when all of it is there; one that was cut short is removed.
 *
 * ```sh
 * deno run --allow-net --allow-read --allow-write=received examples/pipe_to_file.ts 9093 received
 * node examples/pipe_to_file.ts 9093 received
 * nc -N 127.0.0.1 9093 < README.md
 * ```
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { type Connection, digest, EchopipeError, serve, stage } from "echopipe";

/** A file that was received. */
export interface Received {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
}

const MAX_SIZE = 16 * 1024 ** 3;

/** Passes bytes on, up to a limit. */
function atMost(limit: number) {
  let size = 0;
  return stage<Uint8Array, Uint8Array>((bytes, out) => {
    size += bytes.length;
    if (size > limit) {
      throw new EchopipeError("too-large", `Cannot receive a file: more than ${limit} bytes; expected at most as many`);
    }
    out.push(bytes);
  });
}

/** Receives one file. */
async function receive(peer: Connection, folder: string, maxSize: number): Promise<Received> {
  const path = join(folder, randomUUID());
  const part = `${path}.part`;
  const file = await open(part, "wx", 0o600); // the name is new, and the contents are the owner's alone
  try {
    const sum = await digest("sha256");
    let size = 0;
    const written = new WritableStream<Uint8Array>({
      async write(bytes) {
        // A write may take less than all. Until it is done, the peer is not read: a slow disk holds it back.
        for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
        size += bytes.length;
      },
    });
    await peer.readable.pipeThrough(atMost(maxSize)).pipeThrough(sum).pipeTo(written);
    await file.sync(); // what the peer is told must hold after a power cut
    await file.close();
    await rename(part, path);
    return { path, size, sha256: sum.hex };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(part, { force: true });
    throw error; // the peer sees a failure, and no sum
  }
}

/** Serves on a port, 0: any free one; files go to a folder. */
export async function serveFiles(
  port: number,
  folder: string,
  { report = () => {}, maxSize = MAX_SIZE }: { report?: (received: Received) => void; maxSize?: number } = {},
) {
  await mkdir(folder, { recursive: true });
  return serve({ port }, async (peer) => {
    const received = await receive(peer, folder, maxSize);
    report(received);
    await peer.write(new TextEncoder().encode(`${received.size} bytes, SHA-256 ${received.sha256}\n`));
  });
}

if (import.meta.main) {
  const [port = "9093", folder = "received"] = process.argv.slice(2);
  const report = ({ path, size }: Received) => console.log(`${path}: ${size} bytes`);
  const server = await serveFiles(Number(port), folder, { report });
  console.log(`listening on ${server.address.address}:${server.address.port}`);
}
