import { BOUNDS } from '@signalbox/contracts';
import type { DataSource } from 'typeorm';

/** An answer as it is kept; `body` is absent when it was too large. */
export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text. */
  readonly body?: string;
}

/**
 * What a key leads to: it is ours now (`claimed`), it belongs to another request (`taken`), the request was answered, or it began
 * and nobody knows how it ended (`open`).
 */
export type KeyState =
  | { readonly state: 'claimed' | 'taken' | 'open' }
  | { readonly state: 'answered'; readonly answer: KeptAnswer };

/** How often answers that are too old, or too many, are thrown away. Milliseconds. */
const FORGET_EVERY_MS = 60_000;

interface Row {
  readonly request: string;
  readonly status: number | null;
  readonly headers: string | null;
  readonly body: string | null;
}

/**
 * Answers to requests with an Idempotency-Key, for a day, in the table `kept_answers`: a cache that every service fills that answers
 * such requests, and no projection. `id` and `request` are digests.
 */
export class KeptAnswers {
  private forgotAtMs = -FORGET_EVERY_MS;

  constructor(private readonly dataSource: DataSource) {}

  /** Takes a key for a request, or says what it leads to. Throws what the database says. */
  async claim(id: string, request: string, nowMs: number): Promise<KeyState> {
    await this.forget(nowMs);
    const claimed = await this.dataSource.query<unknown[]>(
      `insert into kept_answers as kept (id, request, at) values ($1, $2, $3)
       on conflict (id) do update
         set request = excluded.request, at = excluded.at, status = null, headers = null, body = null
         where kept.at < $4
       returning id`,
      [id, request, new Date(nowMs), new Date(nowMs - BOUNDS.keptAnswersAgeMs)],
    );
    if (claimed.length > 0) return { state: 'claimed' };
    const [row] = await this.dataSource.query<Row[]>(
      'select request, status, headers, body from kept_answers where id = $1',
      [id],
    );
    if (!row) return { state: 'open' };
    if (row.request !== request) return { state: 'taken' };
    if (row.status === null) return { state: 'open' };
    const headers = JSON.parse(row.headers ?? '{}') as Record<string, string>;
    return {
      state: 'answered',
      answer: { status: row.status, headers, ...(row.body !== null && { body: row.body }) },
    };
  }

  /** Keeps the answer to a request that has the key. */
  async keep(
    id: string,
    request: string,
    { status, headers, body }: KeptAnswer,
    nowMs: number,
  ): Promise<void> {
    const isKept = body !== undefined && Buffer.byteLength(body) <= BOUNDS.keptAnswerBytes;
    await this.dataSource.query(
      `insert into kept_answers (id, request, at, status, headers, body) values ($1, $2, $3, $4, $5, $6)
       on conflict (id) do update
         set request = excluded.request, at = excluded.at, status = excluded.status,
             headers = excluded.headers, body = excluded.body`,
      [id, request, new Date(nowMs), status, JSON.stringify(headers), isKept ? body : null],
    );
  }

  /** Gives a key back whose request changed nothing. */
  async release(id: string): Promise<void> {
    await this.dataSource.query('delete from kept_answers where id = $1 and status is null', [id]);
  }

  private async forget(nowMs: number): Promise<void> {
    if (nowMs - this.forgotAtMs < FORGET_EVERY_MS) return;
    this.forgotAtMs = nowMs;
    await this.dataSource.query(
      `delete from kept_answers where at < $1
       or id in (select id from kept_answers order by at desc, id offset $2)`,
      [new Date(nowMs - BOUNDS.keptAnswersAgeMs), BOUNDS.keptAnswers],
    );
  }
}
