/** What becomes of one message of a batch. */
export interface BatchEnds<M> {
  /** Handled; of a request, `body` is the answer. */
  readonly handled: (message: M, body?: unknown) => void;
  readonly failed: (message: M, error: unknown) => void;
}

/**
 * Messages that came together, in their order. A handler settles each by itself as soon as it knows; those that it
 * leaves are settled by its own end: handled when it resolves, failed when it throws.
 */
export class MessageBatch<M> {
  /** Resolves when every message is settled. */
  readonly settled: Promise<void>;
  private readonly open: Set<M>;
  private markSettled: () => void = () => undefined;

  /** `messages`: at least one. */
  constructor(
    readonly messages: readonly M[],
    private readonly ends: BatchEnds<M>,
  ) {
    this.open = new Set(messages);
    this.settled = new Promise((resolve) => (this.markSettled = resolve));
  }

  /** The message is handled; `body` answers a request. A message that is settled stays as it is. */
  handled(message: M, body?: unknown): void {
    if (!this.close(message)) return;
    this.ends.handled(message, body);
  }

  /** The message could not be handled: the transport decides by the error what happens to it. */
  failed(message: M, error: unknown): void {
    if (!this.close(message)) return;
    this.ends.failed(message, error);
  }

  /** Settles what is left as the handler ends. For the transport. */
  async settledBy(work: Promise<unknown>): Promise<void> {
    try {
      await work;
      for (const message of this.open) this.handled(message);
    } catch (error) {
      for (const message of this.open) this.failed(message, error);
    }
  }

  private close(message: M): boolean {
    const isOpen = this.open.delete(message);
    if (isOpen && this.open.size === 0) this.markSettled();
    return isOpen;
  }
}
