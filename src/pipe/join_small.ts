/**
 * Joins small pieces into fewer, larger writes.
 *
 * @module
 */

/** The default of the largest piece that is made by copying, in bytes. */
const MAX_JOINED = 16 * 1024;

/** Joins consecutive small pieces by copying, so that many answers leave in one write. Large ones stay as they are. */
export function joinSmall(pieces: Uint8Array[], maxJoined: number = MAX_JOINED): Uint8Array[] {
  if (pieces.length === 1) return pieces;
  const joined: Uint8Array[] = [];
  for (let from = 0; from < pieces.length;) {
    let to = from;
    let total = 0;
    while (to < pieces.length && total + pieces[to].length <= maxJoined) total += pieces[to++].length;
    if (to - from < 2) {
      joined.push(pieces[from++]);
      continue;
    }
    const piece = new Uint8Array(total);
    for (let at = 0; from < to; at += pieces[from++].length) piece.set(pieces[from], at);
    joined.push(piece);
  }
  return joined;
}
