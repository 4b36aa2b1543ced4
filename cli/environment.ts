/**
 * The environment variables that stand for flags.
 *
 * @module
 */
import process from "node:process";
import { InvalidArgumentError } from "commander";

const PREFIX = "ECHOPIPE_";

/** Limit of letters that are wrong, missing, added or swapped in a misspelt word. */
const MAX_TYPOS = 2;

/** The environment variable of a flag: `ECHOPIPE_LOG_FILE` of `--log-file`. */
export function environmentName(flag: string): string {
  return `${PREFIX}${flag.replace(/^--/, "").replaceAll("-", "_").toUpperCase()}`;
}

/** Parses the value of a switch. */
export function isOn(text: string): boolean {
  if (/^(1|true|yes|on)$/i.test(text)) return true;
  if (/^(0|false|no|off)$/i.test(text)) return false;
  throw new InvalidArgumentError("expected 1 or 0");
}

/**
 * The variables that look like misspelt ones of these flags. One that is like none of them may belong to another
 * command.
 */
export function unknownVariables(flags: readonly string[]): { found: string; similar: string }[] {
  const known = flags.map(environmentName);
  return Object.keys(process.env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .flatMap((found) => {
      const similar = nearestTo(found, known);
      return similar === undefined ? [] : [{ found, similar }];
    });
}

/** The word that was most likely meant; undefined: none is near. */
export function nearestTo(word: string, words: readonly string[]): string | undefined {
  const [nearest] = words
    .map((known) => ({ known, typos: editDistance(word, known) }))
    .filter(({ typos }) => typos <= MAX_TYPOS)
    .sort((a, b) => a.typos - b.typos);
  return nearest?.known;
}

/** The number of letters to change, add, remove or swap: the Damerau-Levenshtein distance. */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    rows[i] = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      rows[i][j] = Math.min(changed, rows[i - 1][j] + 1, rows[i][j - 1] + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) rows[i][j] = Math.min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.length][b.length];
}
