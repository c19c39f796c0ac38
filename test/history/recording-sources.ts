import { BALANCE_API } from '@signalbox/contracts';
import { resource } from '../e2e/manifests.js';
import { emit } from '../e2e/site-activity.js';
import { LONG_EXPIRY } from './recording-plugins.js';
import type { RecordingSite } from './recording-site.js';

/** A machine registers and a list has another one: parts of sources, which have no expiry and go with their sources. */
export async function sourcesBring(recording: RecordingSite): Promise<void> {
  const source = (name: string, way: object): ReturnType<typeof resource> =>
    resource(BALANCE_API, 'BackendSource', name, { pool: 'machines', ...way });
  await recording.addSource('list.json', JSON.stringify([{ address: '192.0.2.2', port: 80 }]));
  await recording.apply(
    resource(BALANCE_API, 'Pool', 'machines', {}),
    source('registered', { facts: { group: 'default', type: 'machine.up' } }),
    source('listed', { file: { path: 'list.json' } }),
  );
  await emit(recording.site, {
    ...{ id: 'machine-1', type: 'machine.up', subject: 'machine-1', expiresAt: LONG_EXPIRY },
    payload: { address: '192.0.2.1', port: '80' },
  });
  await recording.untilRows(
    'both to be in the config',
    `select 1 from effective_resources where kind = 'Backend' having count(*) = 2`,
  );
  for (const name of ['registered', 'listed']) await recording.delete('BackendSource', name);
  await recording.untilRows(
    'neither to be in the config any more',
    `select 1 from parts where starts_with(owner, 'BackendSource/') having bool_and(state in ('withdrawn', 'superseded'))`,
  );
  await recording.delete('Pool', 'machines');
}
