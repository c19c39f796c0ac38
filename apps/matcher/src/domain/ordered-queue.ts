/**
 * A binary heap whose items can also be taken out anywhere and read in order without being taken out.
 * Adding and removing cost O(log n), reading the first k items O(k log k). The place of an item must not change
 * while it is in the queue.
 */
export class OrderedQueue<T> {
  private readonly items: T[] = [];
  private readonly positions = new Map<T, number>();

  constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.items.length;
  }

  /** All items, in no order. */
  values(): Iterable<T> {
    return this.items;
  }

  /** The item that comes before all others. */
  first(): T | undefined {
    return this.items[0];
  }

  /** Adds an item; one that is there already is not added again. */
  add(item: T): void {
    if (this.positions.has(item)) return;
    this.items.push(item);
    this.rise(this.items.length - 1, item);
  }

  /** Takes an item out, wherever it stands; nothing happens when it is not there. */
  remove(item: T): void {
    const position = this.positions.get(item);
    if (position === undefined) return;
    this.positions.delete(item);
    const last = this.items.pop();
    if (last === undefined || position === this.items.length) return;
    this.rise(this.sink(position, last), last);
  }

  /** The items from first to last. The queue must not change while this is being read. */
  *ascending(): Generator<T> {
    const { items, isBefore } = this;
    const frontier = new OrderedQueue<number>((a, b) => isBefore(items[a]!, items[b]!));
    if (items.length > 0) frontier.add(0);
    for (let next = frontier.first(); next !== undefined; next = frontier.first()) {
      yield items[next]!;
      frontier.remove(next);
      for (const child of [2 * next + 1, 2 * next + 2]) if (child < items.length) frontier.add(child);
    }
  }

  private place(position: number, item: T): void {
    this.items[position] = item;
    this.positions.set(item, position);
  }

  private rise(from: number, item: T): void {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      const above = this.items[parent]!;
      if (!this.isBefore(item, above)) break;
      this.place(position, above);
      position = parent;
    }
    this.place(position, item);
  }

  private sink(from: number, item: T): number {
    let position = from;
    for (;;) {
      const left = 2 * position + 1;
      if (left >= this.items.length) break;
      const right = left + 1;
      const smaller =
        right < this.items.length && this.isBefore(this.items[right]!, this.items[left]!) ? right : left;
      const below = this.items[smaller]!;
      if (!this.isBefore(below, item)) break;
      this.place(position, below);
      position = smaller;
    }
    return position;
  }
}
