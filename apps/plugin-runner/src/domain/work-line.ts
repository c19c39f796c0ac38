/** A piece of work that waits for its turn. */
type Work = () => Promise<void>;

/** Work of one kind, first come first served, at most `limit` pieces at once. Work must not throw. */
export class WorkLine {
  private readonly waiting: Work[] = [];
  private busy = 0;
  private head = 0;

  constructor(private limit: number) {}

  /** How much is in work or waits. */
  get size(): number {
    return this.busy + this.waiting.length - this.head;
  }

  add(work: Work): void {
    this.waiting.push(work);
    this.next();
  }

  setLimit(limit: number): void {
    this.limit = limit;
    this.next();
  }

  private next(): void {
    while (this.busy < this.limit && this.head < this.waiting.length) {
      const work = this.waiting[this.head]!;
      this.head += 1;
      this.busy += 1;
      void work().finally(() => {
        this.busy -= 1;
        this.next();
      });
    }
    if (this.head < 1000 && this.head < this.waiting.length) return;
    this.waiting.splice(0, this.head);
    this.head = 0;
  }
}
