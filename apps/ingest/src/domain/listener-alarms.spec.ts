import { expect, it } from '@jest/globals';
import { listenerAlarms, type ListenerStanding } from './listener-alarms.js';

const SINCE = '2026-01-01T00:00:00.000Z';
const standing = (group: string, more: Partial<ListenerStanding>): ListenerStanding => ({
  group,
  state: 'Pending',
  message: `see ${group}`,
  since: SINCE,
  ...more,
});

it('X17 a group that shall listen and does not is an alarm about the group, with the reason', () => {
  const alarms = listenerAlarms([
    standing('keyless', { reason: 'secret-missing' }),
    standing('busy', { reason: 'port-busy' }),
    standing('open', { state: 'Listening' }),
    standing('starting', {}),
  ]);
  expect(alarms.map(({ kind, name, reason, since }) => [kind, name, reason, since])).toEqual([
    ['secret-missing', 'keyless', 'secret-missing', SINCE],
    ['listener-closed', 'busy', 'port-busy', SINCE],
  ]);
  expect(alarms[0]).toMatchObject({
    text: 'group keyless receives nothing from peers: see keyless',
    resources: [{ kind: 'EventGroup', name: 'keyless' }],
  });
});
