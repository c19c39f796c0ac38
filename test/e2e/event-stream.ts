import { type Site, until } from '@signalbox/testing';

/** One event of `GET /v1/stream`, with the members that tests look at. */
export interface StreamedEvent {
  readonly id?: string;
  readonly data: {
    readonly type: 'backend' | 'frontend';
    readonly version: number;
    readonly backend?: string;
    readonly frontend?: string;
    readonly project?: string;
    readonly to?: string;
    readonly synthetic?: true;
  };
}

/** A client of the event stream that keeps what it gets. */
export class EventStream {
  /** In the order of their arrival. */
  readonly events: StreamedEvent[] = [];
  private readonly abort = new AbortController();
  private done: Promise<void> | undefined;

  private constructor(private readonly site: Site) {}

  /** Connects; `query` without its question mark, `path` of the stream. Fails unless the site answers with a stream. */
  static async open(
    site: Site,
    query: string,
    lastEventId?: string,
    path = '/v1/stream',
  ): Promise<EventStream> {
    const stream = new EventStream(site);
    await stream.connect(`${path}?${query}`, lastEventId);
    return stream;
  }

  /** Waits for an event. */
  seen(what: string, isIt: (event: StreamedEvent) => boolean): Promise<StreamedEvent> {
    return until(what, () => this.events.find(isIt));
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.done;
  }

  private async connect(path: string, lastEventId: string | undefined): Promise<void> {
    const response = await fetch(`${this.site.url}${path}`, {
      headers: {
        authorization: `Bearer ${this.site.token}`,
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      },
      signal: this.abort.signal,
    });
    if (!response.ok || !response.body) throw new Error(`the stream was answered ${response.status}`);
    this.done = this.read(response.body).catch((error: unknown) => {
      if (!this.abort.signal.aborted) throw error;
    });
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const piece of body) {
      text += decoder.decode(piece, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      this.events.push(...blocks.flatMap((block) => eventIn(block) ?? []));
    }
  }
}

/** The event of one block of lines; undefined for comments and blocks that only set the id. */
function eventIn(block: string): StreamedEvent | undefined {
  const lines = new Map(
    block.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
  const [id, data] = [lines.get('id'), lines.get('data')];
  if (data === undefined) return undefined;
  return { data: JSON.parse(data) as StreamedEvent['data'], ...(id !== undefined && { id }) };
}
