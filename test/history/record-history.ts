import { type Changeset, formatTime, HYBRID_API, SUBJECTS } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import { claimWorld } from '../e2e/claim-world.js';
import { resource } from '../e2e/manifests.js';
import { ENDED } from '../e2e/site-activity.js';
import type { RecordedHistory } from './recorded-history.js';
import { factsAreDelivered, factsArePruned, factsComeIn } from './recording-facts.js';
import { batchesAreMade, masksHide, pluginsRun } from './recording-batches.js';
import { partsChange, runsHappen, somethingWasBefore } from './recording-runs.js';
import { sinksWrite } from './recording-sinks.js';
import { sourcesBring } from './recording-sources.js';
import { RecordingSite } from './recording-site.js';
import { chainTables, readStreams, readTables, unreadableIn } from './site-history.js';

/** Three changesets of this size make a generation that is too large for one message. Bytes. */
const LARGE = 3 * 1024 * 1024;
/** When a token ends; it is revoked before. */
const LATER = '2099-12-31T00:00:00Z';
/** More than a dead letter keeps of a message. Bytes. */
const LONG = 300 * 1024;

/**
 * Starts a site, has happen in it whatever the chain has a record for, and returns what its streams and tables hold in the end
 * and which effective config followed. It begins with records that are gone; no token in it is valid.
 */
export async function recordHistory(version: string): Promise<RecordedHistory> {
  const recording = await RecordingSite.start();
  try {
    await somethingWasBefore(recording);
    await factsComeIn(recording);
    await nobodyCanRead(recording);
    await factsAreDelivered(recording);
    await runsHappen(recording);
    await partsChange(recording);
    await sourcesBring(recording);
    await sinksWrite(recording);
    await batchesAreMade(recording);
    await masksHide(recording);
    await pluginsRun(recording);
    await factsArePruned(recording);
    await operatorsChange(recording);
    await tokensAreMade(recording);
    const effectiveConfig = await settled(recording);
    await closed(recording);
    const streams = await readStreams(recording.site.nats.url);
    const tables = await readTables(recording.database, chainTables());
    return { version, unreadable: unreadableIn(streams), effectiveConfig, streams, tables };
  } finally {
    await recording.stop();
  }
}

/** Messages under a subject of the chain that are no record: longer than a dead letter, and no text. */
async function nobodyCanRead(recording: RecordingSite): Promise<void> {
  const subject = SUBJECTS.deliveryActivity('default', 'nobody');
  await recording.append(subject, Buffer.alloc(LONG, 'x'));
  await recording.append(subject, Uint8Array.of(0x7b, 0xff, 0x7d));
  await recording.untilRows(
    'both to be buried',
    `select 1 from dead_letters where subject = '${subject}' having count(*) = 2`,
  );
}

/** Changesets with a set, with everything that metadata may have, with removals, and one too large for one record. */
async function operatorsChange(recording: RecordingSite): Promise<void> {
  const { site } = recording;
  const note = (name: string, text: string): ReturnType<typeof resource> =>
    resource('example.net/v1', 'Note', name, { text });
  const set = (...names: string[]): string =>
    JSON.stringify({
      apiVersion: 'routerd.net/v1alpha1',
      kind: 'Router',
      metadata: { name: 'edge' },
      spec: { resources: names.map((name) => note(name, 'of a set')) },
    });
  const described = note('described', 'as people do');
  const metadata = {
    ...described.metadata,
    project: 'lab',
    annotations: { 'example.net/by': 'an operator' },
    labels: { tier: 'edge' },
    ownerRefs: [{ apiVersion: HYBRID_API, kind: 'OverlayPeer', name: 'onprem-main' }],
  };
  await recording.apply(...claimWorld(), { ...described, metadata });
  await site.apply(set('one', 'two'));
  await site.apply(set('two', 'three'));
  const large = ['large-1', 'large-2', 'large-3'];
  await site.shutDown();
  for (const name of large) {
    const resource = note(name, 'x'.repeat(LARGE));
    const changeset: Changeset = {
      author: 'first-start',
      message: 'while nobody looked',
      at: formatTime(Date.now()),
      changes: [{ op: 'put', resource }],
    };
    await recording.append(SUBJECTS.resources, changeset);
  }
  await site.up();
  await recording.untilRows(
    'a generation with all of them',
    `select 1 from effective_resources where name like 'large-%' having count(*) = ${large.length}`,
  );
  for (const name of large) await recording.delete('Note', name);
}

/** A token of each role, of a project, of a program, one that ends by itself, and one that is revoked. */
async function tokensAreMade({ site }: RecordingSite): Promise<void> {
  const all = [
    ...['viewer', 'operator', 'author'].map((role) => ({ name: role, role })),
    { name: 'lab', projects: ['lab'], orgs: ['acme'] },
    { name: 'program', emits: ['default'], expiresAt: LATER },
  ];
  const made = await Promise.all(all.map((one) => site.rest<{ id: string }>('POST', '/v1/tokens', one)));
  const wrong = made.find(({ status }) => status >= 300);
  if (wrong) throw new Error(`a token was refused: ${JSON.stringify(wrong.body)}`);
  const { status } = await site.rest('DELETE', `/v1/tokens/${made[0]!.body.id}`);
  if (status >= 300) throw new Error(`revoking answered ${status}`);
}

/** Waits until nothing moves any more; resolves with the effective config. */
async function settled({ site, database }: RecordingSite): Promise<unknown> {
  await until('all runs to be over', async () => {
    const { rows } = await database.query('select 1 from runs where state <> all($1)', [ENDED]);
    return rows.length === 0;
  });
  await until('every projection to have read its stream', async () => {
    const items = await site.json<{ lag: number }[]>('projections', 'list');
    return items.every(({ lag }) => lag === 0);
  });
  return (await site.rest('GET', '/v1/effective-config')).body;
}

/** Revokes the token of the site, and stops its services. */
async function closed(recording: RecordingSite): Promise<void> {
  const { rows } = await recording.database.query<{ id: string }>('select id from tokens');
  for (const { id } of rows)
    await recording.append(SUBJECTS.token, { type: 'revoked', id, at: new Date().toISOString() });
  await recording.untilRows(
    'no token to be valid',
    'select 1 from tokens having count(*) = count(revoked_at)',
  );
  await recording.site.shutDown();
}
