import { compareText } from './keyed-resource.js';

interface Entry {
  readonly source: string;
  readonly expiresMs: number;
}

/**
 * When the part of each source ends. A binary heap that knows where each source stands, so that a renewal moves its
 * entry (O(log n)) instead of leaving a dead one behind.
 */
export class ExpiryHeap {
  private readonly entries: Entry[] = [];
  private readonly places = new Map<string, number>();

  /** The first end, undefined when nothing ends. */
  get nextMs(): number | undefined {
    return this.entries[0]?.expiresMs;
  }

  set(source: string, expiresMs: number): void {
    this.delete(source);
    this.put(this.entries.length, { source, expiresMs });
    this.rise(this.entries.length - 1);
  }

  delete(source: string): void {
    const place = this.places.get(source);
    if (place === undefined) return;
    this.places.delete(source);
    const last = this.entries.pop()!;
    if (place === this.entries.length) return;
    this.put(place, last);
    this.rise(place);
    this.sink(this.places.get(last.source)!);
  }

  /** Sources whose end is not after `nowMs`, by (end, source). Changes nothing; costs the answer, not the heap. */
  dueBy(nowMs: number): string[] {
    const due: Entry[] = [];
    const pending = [0];
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      const entry = this.entries[place];
      if (entry === undefined || entry.expiresMs > nowMs) continue;
      due.push(entry);
      pending.push(2 * place + 1, 2 * place + 2);
    }
    return due.sort(order).map(({ source }) => source);
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
    this.places.set(entry.source, place);
  }
}

function order(a: Entry, b: Entry): number {
  return a.expiresMs - b.expiresMs || compareText(a.source, b.source);
}
