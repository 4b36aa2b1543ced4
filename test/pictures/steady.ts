/**
 * What differs from run to run is the same in each picture: ports and clocks. All else is as it was shown.
 *
 * @module
 */

/** The moment at which every picture begins. */
const NOON = Date.UTC(2026, 10, 20, 12);

/** Ports and clocks of one run. */
export class Steady {
  readonly #ports = new Map<string, number>([["9090", 9090], ["9091", 9091]]);
  readonly #paths: readonly (readonly [string, string])[];
  #nextPort = 50001;
  #records = 0;

  /** Ports that are to be shown as others, and paths, such as that of a temporary folder. */
  constructor(ports: Readonly<Record<number, number>>, paths: Readonly<Record<string, string>> = {}) {
    for (const [port, shown] of Object.entries(ports)) this.#ports.set(port, shown);
    this.#paths = Object.entries(paths);
  }

  #port(port: string): number {
    const known = this.#ports.get(port) ?? this.#nextPort++;
    this.#ports.set(port, known);
    return known;
  }

  /** Replaces them in the text. */
  text(text: string): string {
    for (const [path, shown] of this.#paths) text = text.replaceAll(path, shown);
    return text
      .replace(/\b(127\.0\.0\.1|port)([: ])(\d{4,5})\b/gi, (_, before, mark, port) => before + mark + this.#port(port))
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/g, () => new Date(NOON + 3 * this.#records++).toISOString())
      .replace(/(?<![T\d])\d\d:\d\d:\d\d(?!\d)/g, "12:00:00");
  }
}

/**
 * The rows of a picture without what is measured or random: numbers, digests, hashes, and how the system has cut the
 * bytes. Rows in which only that may come or go are left out, and their order is not looked at: several programs write.
 */
export function essence(picture: string): string[] {
  const rows = picture.replaceAll(/<\/tspan><tspan[^>]*>/g, " ").replaceAll(/<[^>]*>/g, "").split("\n");
  return rows.map((row) =>
    row.replaceAll(/\$argon2id\$[^"&]*|[0-9a-f]{16,}|"[\w+/=-]{40,}"/g, "#").replaceAll(/\d+(\.\d+)?/g, "0")
      .replaceAll(/\bchunks?\b/g, "chunk").replaceAll(/0 ?(µs|ms|s)\b/g, "0 s").replaceAll(/0 ?[kM](msg|B)/g, "0 $1")
      .replaceAll(/ +/g, " ").trim()
  ).filter((row) => row !== "" && !/data\.(received|sent)|sent late/.test(row)).sort();
}
