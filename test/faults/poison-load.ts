import { type Site, until } from '@signalbox/testing';
import { connect, type NatsConnection, nkeyAuthenticator } from 'nats';
import { GROUP } from './fact-load.js';

/** What no way in may accept, and the code that says why. */
const POISON_FACTS: readonly { readonly type: string; readonly code: string; readonly body: Buffer }[] = [
  { name: 'huge', code: 'too-large', members: `"payload":{"a":"${'x'.repeat(300 * 1024)}"}` },
  {
    name: 'deep',
    code: 'too-complex',
    members: `"payload":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
  },
  { name: 'bytes', code: 'bad-text', members: '"subject":"\xff"' },
  {
    name: 'prototype',
    code: 'bad-grammar',
    members: '"__proto__":{"id":"a"},"constructor":{"prototype":{}}',
  },
  {
    name: 'pattern',
    code: 'bad-grammar',
    members: `"observedAt":"2026-05-30T12:00:00.${'0'.repeat(100_000)}!"`,
  },
].map(({ name, code, members }) => {
  const type = `poison.${name}`;
  return { type, code, body: Buffer.from(`{"type":"${type}",${members}}`, 'latin1') };
});

/** Where services on the way of a fact read what others write: one dead letter each, however many pass over it. */
const POISON_RECORDS = [
  'journal.resources',
  'activity.run.plan',
  'activity.run.execution',
  'activity.config.other',
  'activity.config.traffic',
  `activity.match.${GROUP}`,
  `facts.${GROUP}.own.1.seen`,
];

/** A server may be away for so long. Milliseconds. */
const ANSWERED_MS = 300_000;
/** What says "not now". */
const AGAIN = ['not-ready', 'nats-unavailable', 'store-unavailable', 'internal'];

/** Sends what nobody can use, by every way in and beside the records of the services, whatever is away. */
export class PoisonLoad {
  private rounds = 0;
  /** Publishes without an answer, by subject: they may have been stored, and were sent again. */
  private readonly unanswered = new Map<string, number>();

  private constructor(
    private readonly site: Site,
    private readonly nats: NatsConnection,
  ) {}

  static async open(site: Site): Promise<PoisonLoad> {
    const seed = await site.natsSeed('operator');
    const nats = await connect({
      servers: site.nats.url,
      name: 'poison',
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      ...(seed !== undefined && { authenticator: nkeyAuthenticator(Buffer.from(seed)) }),
    });
    return new PoisonLoad(site, nats);
  }

  /** Sends all of it once; resolves when it is stored or refused. Throws when it is accepted, or refused wrongly. */
  async send(): Promise<void> {
    this.rounds += 1;
    for (const { type, code, body } of POISON_FACTS) {
      await this.store(`events.${GROUP}.${type}`, body);
      for (const refusal of [() => this.byRest(body), () => this.byRequest(type, body)]) {
        const answer = await until(`${type} to be answered`, refusal, ANSWERED_MS);
        if (answer !== code) throw new Error(`${type} was answered ${answer}, not ${code}`);
      }
    }
    for (const subject of POISON_RECORDS) await this.store(subject, Buffer.from('not JSON'));
  }

  /** Records among the facts of the group that are none. */
  get unreadable(): number {
    return this.rounds;
  }

  /** The dead letters that follow: subject and code, in order. */
  get dead(): string[] {
    const once = [
      ...POISON_FACTS.map(({ type, code }) => `events.${GROUP}.${type} ${code}`),
      ...POISON_RECORDS.map((subject) => `${subject} poison-message`),
    ];
    return once.flatMap((letter) => Array.from({ length: this.rounds }, () => letter)).sort();
  }

  /** How many dead letters more there may be: what is queued twice by `nats pub` is refused twice. */
  get mayRepeat(): ReadonlyMap<string, number> {
    return new Map(
      POISON_FACTS.map(({ type, code }) => {
        const subject = `events.${GROUP}.${type}`;
        return [`${subject} ${code}`, this.unanswered.get(subject) ?? 0] as const;
      }),
    );
  }

  close(): Promise<void> {
    return this.nats.close();
  }

  private async store(subject: string, body: Buffer): Promise<void> {
    const options = { msgID: `poison:${subject}:${this.rounds}` };
    const jetstream = this.nats.jetstream();
    const publish = (): Promise<unknown> =>
      jetstream.publish(subject, body, options).catch((error: unknown) => {
        this.unanswered.set(subject, (this.unanswered.get(subject) ?? 0) + 1);
        throw error;
      });
    await until(`${subject} to be stored`, publish, ANSWERED_MS);
  }

  /** The code of the answer; undefined when there is none that counts. */
  private async byRest(body: Buffer): Promise<string | undefined> {
    const response = await fetch(`${this.site.url}/v1/groups/${GROUP}/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.site.token}`, 'content-type': 'application/json' },
      body: new Uint8Array(body),
    });
    return codeOf(await response.json());
  }

  private async byRequest(type: string, body: Buffer): Promise<string | undefined> {
    const reply = await this.nats.request(`emit.${GROUP}.${type}`, body, { timeout: 5000 });
    return codeOf(reply.json<{ error?: object }>().error ?? {});
  }
}

function codeOf(answer: unknown): string | undefined {
  const { code = 'nothing' } = answer as { code?: string };
  return AGAIN.includes(code) ? undefined : code;
}
