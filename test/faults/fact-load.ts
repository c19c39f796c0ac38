import { type Site, until } from '@signalbox/testing';
import { connect, type NatsConnection } from 'nats';
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
const ANSWERED_MS = 90_000;
const ATTEMPT_MS = 2_000;
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
  return Array.from({ length: size.count }, (_, at) => {
    const observed = matching.has(at);
    return {
      id: `crash-${String(at).padStart(4, '0')}`,
      type: observed ? SEEN : OTHER,
      subject: observed ? `host-${random.between(1, size.lineages)}` : `door-${at}`,
      payload: { serial: String(at) },
      observedAt: new Date(startMs + at).toISOString(),
    };
  });
}

/**
 * Sends all facts, half of them by REST and half by `nats request emit`, {@link IN_FLIGHT} at a time and each with the
 * same id until it is answered. `onAnswered` gets the number of answers so far. Throws when one is refused.
 */
export async function publishAll(
  site: Site,
  facts: readonly LoadFact[],
  onAnswered: (answers: number) => void,
): Promise<void> {
  const nats = await connect({
    servers: site.nats.url,
    name: 'publisher',
    maxReconnectAttempts: -1,
    reconnectTimeWait: 50,
    reconnectJitter: 20,
  });
  const waiting = facts.entries();
  let answers = 0;
  const work = async (): Promise<void> => {
    for (const [at, fact] of waiting) {
      const send = at % 2 === 0 ? () => byRest(site, fact) : () => byRequest(nats, fact);
      const answer = await until(`an answer for ${fact.id}`, send, ANSWERED_MS);
      if (!answer.accepted || answer.id !== fact.id)
        throw new Error(`${fact.id} was refused: ${JSON.stringify(answer)}`);
      answers += 1;
      onAnswered(answers);
    }
  };
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, work));
  } finally {
    await nats.close();
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
  const again = ['not-ready', 'nats-unavailable', 'store-unavailable', 'internal'];
  return again.includes(answer.error?.code ?? '') ? undefined : answer;
}
