import type { ApiSite } from './api-site.fixture.js';

/** How long expected events may take. Milliseconds. */
const EVENTS_MS = 60_000;

/** One event of a `text/event-stream`. `data` is the parsed JSON, absent when a block only moved the id. */
export interface ReceivedEvent<T> {
  readonly id?: string;
  readonly event?: string;
  readonly data?: T;
}

/** A client of an event stream that keeps everything it received. */
export class EventSource<T> {
  readonly blocks: ReceivedEvent<T>[] = [];
  readonly comments: string[] = [];
  /** Resolves when the stream has ended, either way. */
  readonly ended: Promise<void>;
  private readonly wakers = new Set<() => void>();
  private rest = '';

  private constructor(
    readonly response: Response,
    private readonly abort: AbortController,
  ) {
    this.ended = this.read().catch(() => undefined);
  }

  static async open<T>(
    site: ApiSite,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<EventSource<T>> {
    const abort = new AbortController();
    const response = await fetch(new URL(path, site.services.url), {
      headers: { authorization: `Bearer ${site.token}`, ...headers },
      signal: abort.signal,
    });
    return new EventSource<T>(response, abort);
  }

  /** Events with data. */
  get events(): ReceivedEvent<T>[] {
    return this.blocks.filter(({ data }) => data !== undefined);
  }

  /** `Last-Event-ID` as it would be sent now. */
  get lastId(): string | undefined {
    return this.blocks.findLast(({ id }) => id !== undefined)?.id;
  }

  /** Resolves when what was received satisfies a condition. */
  async until(isThere: () => boolean): Promise<void> {
    const deadline = performance.now() + EVENTS_MS;
    while (!isThere()) {
      if (performance.now() > deadline)
        throw new Error(`after ${EVENTS_MS} ms there is only ${JSON.stringify(this.blocks)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, EVENTS_MS);
        this.wakers.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.ended;
  }

  private async read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.response.body ?? []) {
      this.take(decoder.decode(chunk as Uint8Array, { stream: true }));
      for (const wake of this.wakers) wake();
      this.wakers.clear();
    }
  }

  private take(text: string): void {
    const blocks = (this.rest + text).split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = block.split('\n').map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
      });
      this.comments.push(...fields.filter(([name]) => name === '').map(([, value]) => value));
      const { data, ...rest } = Object.fromEntries(fields.filter(([name]) => name !== ''));
      this.blocks.push({ ...rest, ...(data !== undefined && { data: JSON.parse(data) as T }) });
    }
  }
}
