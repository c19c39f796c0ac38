import { CONFIG_API, PLUGIN_API, type RunFact, subscriptionOwner } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { plugin, resource, subscription } from '../e2e/manifests.js';
import { activePart, emit, ENDED, runsOf } from '../e2e/site-activity.js';
import { GATHERS, LONG_TTL } from './recording-plugins.js';
import type { RecordingSite } from './recording-site.js';

const WINDOW = { trigger: { batchWindow: '500ms' }, retry: { maxAttempts: 1 } };

/** A batch that is halved until its bad fact is alone, and one that a lineage leaves, so that the others are run again. */
export async function batchesAreMade(recording: RecordingSite): Promise<void> {
  const { site } = recording;
  await recording.apply(
    plugin('gathers', await recording.addPlugin('gathers', GATHERS)),
    subscription('halved', 'halved.seen', 'gathers', WINDOW),
    subscription('together', 'together.seen', 'gathers', WINDOW),
  );
  for (const [subject, serial] of Object.entries({ 'halved-a': '1', 'halved-b': 'bad', 'halved-c': '1' }))
    await emit(site, { id: `${subject}-1`, type: 'halved.seen', subject, payload: { serial } });
  await until('the bad fact to be alone', async () => {
    const runs = await runsOf(site, 'halved');
    const isAlone = runs.some(({ facts: [fact, ...others], state }) => {
      return fact?.subject === 'halved-b' && others.length === 0 && state === 'failed';
    });
    return isAlone && runs.every(({ state }) => ENDED.includes(state)) && runs.length;
  });

  for (const subject of ['together-a', 'together-b'])
    await emit(site, { id: `${subject}-1`, type: 'together.seen', subject, payload: { serial: '1' } });
  await activePart(site, 'together', 'together-b-1');
  await emit(site, {
    id: 'together-a-2',
    type: 'together.seen',
    subject: 'together-a',
    payload: { serial: '2' },
  });
  await until('what is left of the part to be run again', async () => {
    const parts = await site.all<{ facts: readonly RunFact[] }>(
      `/v1/parts?owner=${subscriptionOwner('together')}&state=active`,
    );
    return parts.length === 2 && parts.every(({ facts }) => facts.length === 1);
  });
}

/** Resources that a part hides, as a policy allows. */
export async function masksHide(recording: RecordingSite): Promise<void> {
  const { site } = recording;
  const target = { apiVersion: 'example.net/v1', kind: 'Note', name: 'masked' };
  const targets = [target, { ...target, project: 'lab' }];
  const note = resource('example.net/v1', 'Note', 'masked', { text: 'hidden' });
  await recording.apply(
    note,
    { ...note, metadata: { ...note.metadata, project: 'lab' } },
    resource(CONFIG_API, 'DynamicOverridePolicy', 'notes', {
      allow: [{ source: 'EventSubscription/masks', operations: ['mask'], targets }],
    }),
    subscription('masks', 'masks.seen', 'says', { retry: { maxAttempts: 1 } }),
  );
  const directives = targets.map((one) => ({ op: 'mask', target: one, reason: 'moved' }));
  const payload = { result: JSON.stringify({ status: { ttl: LONG_TTL, directives } }) };
  await emit(site, { id: 'masks-1', type: 'masks.seen', subject: 'masks', payload });
  await activePart(site, 'masks', 'masks-1');
}

/**
 * Runs that no subscription starts: by the clock and by a fact of a topic for DynamicConfigSources, which are deleted since their parts would
 * end, and by hand.
 */
export async function pluginsRun(recording: RecordingSite): Promise<void> {
  const { site } = recording;
  const every = [{ type: 'interval', every: LONG_TTL }];
  await recording.apply(
    resource(PLUGIN_API, 'DynamicConfigSource', 'bound', {
      pluginRef: 'gathers',
      ttl: '24h',
      triggers: every,
    }),
    resource(PLUGIN_API, 'DynamicConfigSource', 'nudged', {
      pluginRef: 'gathers',
      ttl: '24h',
      triggers: [{ type: 'event', topic: 'events.default.nudge.>' }],
    }),
  );
  await emit(site, { id: 'nudge-1', type: 'nudge.seen', subject: 'nudged', payload: { serial: '1' } });
  const events = [{ type: 'by.hand', subject: 'by-hand', payload: { serial: '1' } }];
  await site.rest('POST', '/v1/plugins/gathers/run', { events });
  for (const owner of ['DynamicConfigSource/bound', 'DynamicConfigSource/nudged', 'Plugin/gathers'])
    await until(`the part of ${owner}`, async () => {
      const parts = await site.all(`/v1/parts?owner=${owner}&state=active`);
      return parts.length === 1;
    });
  for (const name of ['bound', 'nudged']) await recording.delete('DynamicConfigSource', name);
}
