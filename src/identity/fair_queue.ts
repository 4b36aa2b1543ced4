/**
 * A bounded queue that nobody can fill for others.
 *
 * @module
 */

/**
 * A queue of items that belong to keys, such as addresses: the keys take turns. Where it is full, the last item of the key
 * with the most gives way: one key may have all of the queue, but only while no other wants a place.
 */
export class FairQueue<Item> {
  readonly #limit: number;
  /** The items of each key that has any, in the order of the keys' next turns. */
  readonly #lines = new Map<string, Item[]>();
  #size = 0;

  /** A queue of at most `limit` items. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds an item; returns the one that gives way, which may be the same, or undefined where there was room. */
  add(key: string, item: Item): Item | undefined {
    let evicted: Item | undefined;
    if (this.#size >= this.#limit) {
      const longest = this.#longest();
      if ((this.#lines.get(key)?.length ?? 0) >= this.#lines.get(longest)!.length) return item;
      evicted = this.#lines.get(longest)!.pop();
      this.#removed(longest);
    }
    const line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, [item]);
    else line.push(item);
    this.#size++;
    return evicted;
  }

  /** Takes the next item: the first of the key whose turn it is. */
  take(): Item | undefined {
    const next = this.#lines.entries().next();
    if (next.done) return undefined;
    const [key, line] = next.value;
    const item = line.shift();
    this.#lines.delete(key); // its next turn comes after those of all others
    this.#lines.set(key, line);
    this.#removed(key);
    return item;
  }

  /** Takes all items. */
  drain(): Item[] {
    const items = [...this.#lines.values()].flat();
    this.#lines.clear();
    this.#size = 0;
    return items;
  }

  #removed(key: string): void {
    this.#size--;
    if (this.#lines.get(key)?.length === 0) this.#lines.delete(key);
  }

  #longest(): string {
    let longest = "";
    for (const [key, { length }] of this.#lines) if (length > (this.#lines.get(longest)?.length ?? 0)) longest = key;
    return longest;
  }
}
