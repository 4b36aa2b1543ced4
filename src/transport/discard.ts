/**
 * Discarding what a peer still sends at the end of its connection.
 *
 * @module
 */

/** Limit of the bytes that are discarded. */
const MAX_BYTES = 16 * 1024 * 1024;

/** The reading direction of a connection. */
interface Source {
  read(): Promise<Uint8Array | null>;
  release(): void;
}

/** Reads and discards until the end, for at most 16 MiB. */
export async function discard(source: Source, state: { readonly readDone: boolean }): Promise<void> {
  for (let bytes = 0; !state.readDone && bytes < MAX_BYTES;) {
    bytes += (await source.read())?.length ?? 0;
    source.release();
  }
}
