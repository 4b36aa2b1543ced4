/**
 * Fewer, larger writes.
 *
 * @module
 */

/** Pieces that do not follow each other are copied into one up to this size, in bytes. */
const MAX_GATHER = 16 * 1024;

/** Joins neighbouring small pieces by copying, so that many answers are one write; large ones stay as they are. */
export function gather(pieces: Uint8Array[]): Uint8Array[] {
  if (pieces.length === 1) return pieces;
  const gathered: Uint8Array[] = [];
  for (let from = 0; from < pieces.length;) {
    let to = from;
    let total = 0;
    while (to < pieces.length && total + pieces[to].length <= MAX_GATHER) total += pieces[to++].length;
    if (to - from < 2) {
      gathered.push(pieces[from++]);
      continue;
    }
    const joined = new Uint8Array(total);
    for (let at = 0; from < to; at += pieces[from++].length) joined.set(pieces[from], at);
    gathered.push(joined);
  }
  return gathered;
}
