import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatTime,
  lineageOf,
  type Resource,
  type RunFact,
  SUBJECTS,
  subscriptionOwner,
} from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { plugin, resource, subscription } from '../e2e/manifests.js';
import { activePart, activeParts, emit, endedRun, partsOf, runsOf } from '../e2e/site-activity.js';
import { seenHost } from '../e2e/test-plugins.js';
import { FAILS, FILLS, GATED, KILLED, LONG_TTL, SAID, SAYS } from './recording-plugins.js';
import { PLACE, type RecordingSite } from './recording-site.js';

const ONCE = { retry: { maxAttempts: 1 } };

/** Where these facts stand in a trace. */
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

function seen(recording: RecordingSite, type: string, id: string, subject = id, serial = '1'): Promise<void> {
  return emit(recording.site, { id, type, subject, payload: { serial } });
}

/**
 * What a compaction leaves to a snapshot: a part and the one that it replaced, one that is large, and a fact that waits for its
 * plugin.
 */
export async function somethingWasBefore(recording: RecordingSite): Promise<void> {
  const { site } = recording;
  const executable = await recording.addPlugin('seen-host', seenHost({ ttl: LONG_TTL }));
  const large = subscription('large', 'large.seen', 'fills');
  await recording.apply(
    plugin('seen-host', executable),
    plugin('fills', await recording.addPlugin('fills', FILLS)),
    subscription('before', 'before.seen', 'seen-host'),
    { ...large, metadata: { ...large.metadata, renamedFrom: 'large-before' } },
    subscription('waits', 'waits.seen', 'not-declared-yet'),
  );
  await seen(recording, 'waits.seen', 'waits-1', 'waits');
  await seen(recording, 'large.seen', 'large-1');
  await activePart(site, 'large', 'large-1');
  for (const serial of ['1', '2']) {
    await seen(recording, 'before.seen', `before-${serial}`, 'before', serial);
    await activePart(site, 'before', `before-${serial}`);
  }
  const { rows } = await recording.database.query<{ seq: string }>(
    `select max(seq) as seq from positions where stream = 'ACTIVITY'`,
  );
  await until('the records so far to be gone', async () => {
    const { upTo } = await site.json<{ upTo: number }>('compact');
    return upTo >= Number(rows[0]?.seq);
  });
}

/** Runs that succeed with all that a plugin may say, that fail in every way, that are lost, and that never begin. */
export async function runsHappen(recording: RecordingSite): Promise<void> {
  const { site } = recording;
  const gate = join(PLACE, 'gate');
  const declared = async (name: string, source: string, change: object = {}): Promise<Resource> =>
    plugin(name, await recording.addPlugin(name, source), change);
  const capabilities = ['propose.dynamicConfig', 'propose.providerAction'];
  await recording.apply(
    await declared('says', SAYS, { capabilities }),
    await declared('fails', FAILS),
    await declared('killed', KILLED),
    await declared('gated', GATED, { env: { GATE: gate } }),
    subscription('says', 'says.seen', 'says', ONCE),
    subscription('fails', 'fails.seen', 'fails', { retry: { maxAttempts: 2 } }),
    subscription('killed', 'killed.seen', 'killed', ONCE),
    subscription('lost', 'lost.seen', 'gated'),
  );
  for (const [id, result] of Object.entries(SAID)) {
    await emit(site, {
      ...{ id, type: 'says.seen', subject: id, payload: { result: JSON.stringify(result) } },
      traceparent: TRACEPARENT,
    });
    await endedRun(site, 'says', id);
  }
  for (const name of ['fails', 'killed']) {
    await seen(recording, `${name}.seen`, `${name}-1`);
    await endedRun(site, name, `${name}-1`);
  }
  await seen(recording, 'waits.seen', 'waits-2', 'waits');
  await endedRun(site, 'waits', 'waits-1');
  await seen(recording, 'lost.seen', 'lost-1');
  await until('the run to be at work', async () => (await runsOf(site, 'lost'))[0]?.state === 'running');
  await site.kill();
  await writeFile(gate, '');
  await site.up();
  await activePart(site, 'lost', 'lost-1');
}

/** Parts that are renewed, expire, are withdrawn at once and later, are held back and come back, and what stops that. */
export async function partsChange(recording: RecordingSite): Promise<void> {
  const { site } = recording;
  const brief = await recording.addPlugin('brief-host', seenHost({ ttl: '1s' }));
  const names = ['gone', 'held', 'later'];
  const retract = { types: ['renewed.gone'], grace: '1h' };
  const matching = { match: { payload: { serial: '1' } } };
  await recording.apply(
    plugin('brief-host', brief),
    subscription('brief', 'brief.seen', 'brief-host'),
    subscription('left', 'left.seen', 'seen-host', matching),
    subscription('renewed', 'renewed.seen', 'seen-host', { retract }),
    ...names.map((name) => subscription(name, `${name}.seen`, 'seen-host')),
  );
  await seen(recording, 'brief.seen', 'brief-1');
  for (const serial of ['1', '2']) {
    await seen(recording, 'renewed.seen', `renewed-${serial}`, 'renewed', serial);
    await activePart(site, 'renewed', `renewed-${serial}`);
  }
  for (const id of ['gone-1', 'left-1', 'held-1', 'held-2', 'later-1', 'later-2', 'later-3', 'later-4']) {
    const [name = ''] = id.split('-');
    await seen(recording, `${name}.seen`, id, name === 'left' ? 'left' : id);
    await activePart(site, name, id);
  }
  await seen(recording, 'left.seen', 'left-2', 'left', 'elsewhere');
  await recording.delete('EventSubscription', 'gone');
  for (const name of ['held-1', 'held-2'])
    await recording.apply(resource('example.net/v1', 'SeenHost', name, { serial: 'mine' }));
  await recording.delete('SeenHost', 'held-1');
  await withdrawLater(recording);
  await untilStates(recording, 'brief', ['expired']);
  await untilStates(recording, 'left', ['withdrawn']);
  await untilStates(recording, 'gone', ['withdrawn']);
  await untilStates(recording, 'held', ['active', 'quarantined']);
}

/** Two withdrawals in one message, one for later, and one for later that is cancelled. */
async function withdrawLater(recording: RecordingSite): Promise<void> {
  const parts = await recording.site.all<{ facts: readonly RunFact[] }>(
    `/v1/parts?owner=${subscriptionOwner('later')}&state=active`,
  );
  const lineages = parts.flatMap(({ facts }) =>
    facts.map(({ origin, factKey }) => lineageOf(origin, factKey)),
  );
  const nowMs = Date.now();
  const about = { at: formatTime(nowMs), owner: subscriptionOwner('later'), reason: 'an end by hand' };
  const [first, second, third, fourth] = lineages.map((lineage) => [lineage]);
  const [now, soon] = [formatTime(nowMs), formatTime(nowMs + 1500)];
  const records = [
    { type: 'withdrawn', ...about, dueAt: now, lineages: first },
    { type: 'withdrawn', ...about, dueAt: now, lineages: second },
    { type: 'withdrawn', ...about, dueAt: soon, lineages: third },
    { type: 'withdrawn', ...about, dueAt: soon, lineages: fourth },
    { type: 'withdraw-cancelled', ...about, lineages: fourth },
  ];
  await recording.append(SUBJECTS.withdrawals, { records });
  await untilStates(recording, 'later', ['active', 'withdrawn', 'withdrawn', 'withdrawn']);
  if ((await activeParts(recording.site, 'later')).length !== 1) throw new Error('the wrong parts ended');
}

async function untilStates({ site }: RecordingSite, name: string, states: readonly string[]): Promise<void> {
  await until(`the parts of ${name} to be ${states.join(', ')}`, async () => {
    const found = (await partsOf(site, name)).map(({ state }) => state).sort();
    return found.join() === states.join();
  });
}
