/** Entries by their index, from 1 on; the index that was given back last is taken first, as in a pool of VPP. */
export class Pool<T> {
  private readonly entries: (T | undefined)[] = [undefined];
  private readonly free: number[] = [];

  add(entry: (index: number) => T): T {
    const index = this.free.pop() ?? this.entries.length;
    const added = entry(index);
    this.entries[index] = added;
    return added;
  }

  at(index: number): T | undefined {
    return this.entries[index];
  }

  remove(index: number): void {
    this.entries[index] = undefined;
    this.free.push(index);
  }

  all(): readonly T[] {
    return this.entries.filter((entry) => entry !== undefined);
  }
}
