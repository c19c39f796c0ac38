interface Entry {
  readonly key: string;
  readonly dueMs: number;
}

/**
 * When each key is due, in milliseconds of whatever clock the caller keeps. A binary heap that knows where each key
 * stands, so that setting it again moves its entry (O(log n)) instead of leaving a dead one behind.
 */
export class DueHeap {
  private readonly entries: Entry[] = [];
  private readonly places = new Map<string, number>();

  /** When the first key is due, undefined when there is none. */
  get nextMs(): number | undefined {
    return this.entries[0]?.dueMs;
  }

  get size(): number {
    return this.entries.length;
  }

  /** When a key is due, undefined when it is not in the heap. */
  dueAt(key: string): number | undefined {
    const place = this.places.get(key);
    return place === undefined ? undefined : this.entries[place]?.dueMs;
  }

  set(key: string, dueMs: number): void {
    this.delete(key);
    this.put(this.entries.length, { key, dueMs });
    this.rise(this.entries.length - 1);
  }

  delete(key: string): void {
    const place = this.places.get(key);
    if (place === undefined) return;
    this.places.delete(key);
    const last = this.entries.pop()!;
    if (place === this.entries.length) return;
    this.put(place, last);
    this.rise(place);
    this.sink(this.places.get(last.key)!);
  }

  /** Keys that are due at `nowMs`, by (time, key). Changes nothing; costs the answer, not the heap. */
  dueBy(nowMs: number): string[] {
    const due: Entry[] = [];
    const pending = [0];
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      const entry = this.entries[place];
      if (entry === undefined || entry.dueMs > nowMs) continue;
      due.push(entry);
      pending.push(2 * place + 1, 2 * place + 2);
    }
    return due.sort(order).map(({ key }) => key);
  }

  private rise(place: number): void {
    const entry = this.entries[place]!;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.entries[above]!;
      if (order(parent, entry) <= 0) break;
      this.put(place, parent);
      place = above;
    }
    this.put(place, entry);
  }

  private sink(place: number): void {
    const entry = this.entries[place]!;
    for (;;) {
      let below = 2 * place + 1;
      let child = this.entries[below];
      if (child === undefined) break;
      const sibling = this.entries[below + 1];
      if (sibling !== undefined && order(sibling, child) < 0) [below, child] = [below + 1, sibling];
      if (order(entry, child) <= 0) break;
      this.put(place, child);
      place = below;
    }
    this.put(place, entry);
  }

  private put(place: number, entry: Entry): void {
    this.entries[place] = entry;
    this.places.set(entry.key, place);
  }
}

function order(a: Entry, b: Entry): number {
  return a.dueMs - b.dueMs || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
}
