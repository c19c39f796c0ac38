import { setTimeout as pause } from 'node:timers/promises';
import type { Site } from '@signalbox/testing';
import { connect, type NatsConnection, nkeyAuthenticator } from 'nats';
import type { SeededRandom } from './seeded-random.js';

/** A fact as the test sends it, again and again with the same content until it is answered. */
export interface LoadFact {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly observedAt: string;
}

/** The answer of both ways in. */
export interface Accepted {
  readonly accepted: boolean;
  readonly id: string;
  readonly duplicate: boolean;
}

export const GROUP = 'default';
/** The type that starts the plugin; every other one is only stored. */
export const SEEN = 'client.seen';
const OTHER = 'door.opened';

/** How long one fact may take from the first attempt to the answer, crashes included. Milliseconds. */
const ANSWERED_MS = 600_000;
const ATTEMPT_MS = 5_000;
/** Between two attempts, doubled each time up to the longest: thousands of facts may be waiting for a server. */
const PAUSE_MS = { first: 100, longest: 2_000 };
const IN_FLIGHT = 16;

/**
 * `count` facts, `matching` of them of the type that starts the plugin. Those are about `lineages` subjects, so that
 * later ones renew earlier ones; which is which is decided by the seed.
 */
export function factLoad(
  random: SeededRandom,
  size: { count: number; matching: number; lineages: number },
): LoadFact[] {
  const matching = new Set(random.points(size.matching, 0, size.count - 1));
  const startMs = Date.now() - size.count;
  return Array.from({ length: size.count }, (_, at) =>
    loadFact(at, matching.has(at) ? random.between(1, size.lineages) : undefined, startMs + at),
  );
}

/** The fact number `at`: about a `host`, then it starts the plugin; without one it is only stored. */
export function loadFact(at: number, host: number | undefined, observedAtMs: number): LoadFact {
  return {
    id: `crash-${String(at).padStart(5, '0')}`,
    type: host === undefined ? OTHER : SEEN,
    subject: host === undefined ? `door-${at}` : `host-${host}`,
    payload: { serial: String(at) },
    observedAt: new Date(observedAtMs).toISOString(),
  };
}

/** One fact more for every lineage: none may be stuck. */
export function renewals(facts: readonly LoadFact[]): LoadFact[] {
  const observedAt = new Date().toISOString();
  return [...newestBySubject(facts).keys()].map((subject) => ({
    id: `renewal-${subject}`,
    type: SEEN,
    subject,
    payload: { serial: 'renewed' },
    observedAt,
  }));
}

/** The newest matching fact of every subject. */
export function newestBySubject(facts: readonly LoadFact[]): Map<string, LoadFact> {
  const newest = new Map<string, LoadFact>();
  for (const fact of facts) if (fact.type === SEEN) newest.set(fact.subject, fact);
  return newest;
}

/** Sends facts by turns over REST and by `nats request emit`, as the NATS user `publisher` where there is one. */
export class FactSender {
  private sent = 0;
  private closed = false;

  private constructor(
    private readonly site: Site,
    private readonly nats: NatsConnection,
  ) {}

  static async open(site: Site): Promise<FactSender> {
    const seed = await site.natsSeed('publisher');
    const nats = await connect({
      servers: site.nats.url,
      name: 'publisher',
      maxReconnectAttempts: -1,
      waitOnFirstConnect: true,
      reconnectTimeWait: 50,
      reconnectJitter: 20,
      ...(seed !== undefined && { authenticator: nkeyAuthenticator(Buffer.from(seed)) }),
    });
    return new FactSender(site, nats);
  }

  /** Sends one fact with the same id again until it is answered. Throws when it is refused. */
  async send(fact: LoadFact): Promise<void> {
    this.sent += 1;
    const { site, nats } = this;
    const attempt = this.sent % 2 === 0 ? () => byRest(site, fact) : () => byRequest(nats, fact);
    const endMs = Date.now() + ANSWERED_MS;
    for (let pauseMs = PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS.longest)) {
      const answer = await attempt().catch(() => undefined);
      if (answer?.accepted && answer.id === fact.id) return;
      if (answer) throw new Error(`${fact.id} was refused: ${JSON.stringify(answer)}`);
      if (this.closed) throw new Error(`${fact.id} was given up`);
      if (Date.now() > endMs) throw new Error(`${fact.id} had no answer within ${ANSWERED_MS} ms`);
      await pause(pauseMs);
    }
  }

  /** What has no answer by now is given up. */
  async close(): Promise<void> {
    this.closed = true;
    await this.nats.close();
  }
}

/**
 * Sends all facts, {@link IN_FLIGHT} at a time. `onAnswered` gets the number of answers so far. Throws when one is
 * refused.
 */
export async function publishAll(
  site: Site,
  facts: readonly LoadFact[],
  onAnswered: (answers: number) => void,
): Promise<void> {
  const sender = await FactSender.open(site);
  const waiting = facts.values();
  let answers = 0;
  const work = async (): Promise<void> => {
    for (const fact of waiting) {
      await sender.send(fact);
      answers += 1;
      onAnswered(answers);
    }
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  } finally {
    await sender.close();
  }
}

/** Undefined: not answered or "not now", send again. A refusal is an answer. */
async function byRest(site: Site, fact: LoadFact): Promise<Accepted | undefined> {
  const response = await fetch(`${site.url}/v1/groups/${GROUP}/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${site.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(fact),
    signal: AbortSignal.timeout(ATTEMPT_MS),
  });
  const answer = (await response.json()) as Accepted;
  return response.status >= 500 ? undefined : answer;
}

async function byRequest(nats: NatsConnection, fact: LoadFact): Promise<Accepted | undefined> {
  const reply = await nats.request(`emit.${GROUP}.${fact.type}`, JSON.stringify(fact), {
    timeout: ATTEMPT_MS,
  });
  const answer = reply.json<Accepted & { error?: { code: string } }>();
  const again = ['not-ready', 'nats-unavailable', 'storage-full', 'store-unavailable', 'internal'];
  return again.includes(answer.error?.code ?? '') ? undefined : answer;
}
