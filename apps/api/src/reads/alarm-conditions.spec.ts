import { expect, it } from '@jest/globals';
import { type Alarm, FEDERATION_API } from '@signalbox/contracts';
import { alarmConditions } from './alarm-conditions.js';

const resource = (
  kind: string,
  name: string,
  apiVersion = FEDERATION_API,
): NonNullable<Alarm['resources']>[number] => ({
  apiVersion,
  kind,
  name,
});
const since = '2026-01-01T00:00:00.000Z';
const ALARMS: readonly Alarm[] = [
  {
    kind: 'secret-missing',
    name: 'g',
    reason: 'secret-missing',
    resources: [resource('EventGroup', 'g'), resource('EventPeer', 'cloud')],
    since,
    text: 'no secret',
  },
  { kind: 'peer-refuses', name: 'cloud', resources: [resource('EventPeer', 'cloud')], since, text: '401' },
  { kind: 'backend-down', name: 'cloud', since, text: 'down' },
];

it('X17 a resource has one condition per alarm that names it', () => {
  expect(alarmConditions(ALARMS, resource('EventGroup', 'g'))).toEqual([
    { type: 'Pending', status: 'True', reason: 'secret-missing', message: 'no secret' },
  ]);
  expect(alarmConditions(ALARMS, resource('EventPeer', 'cloud'))).toEqual([
    { type: 'Pending', status: 'True', reason: 'secret-missing', message: 'no secret' },
    { type: 'Degraded', status: 'True', reason: 'peer-refuses', message: '401' },
  ]);
});

it('X16 a namesake of another API group or kind has none', () => {
  expect(alarmConditions(ALARMS, resource('EventGroup', 'g', 'other/v1'))).toEqual([]);
  expect(alarmConditions(ALARMS, resource('EventPeer', 'g'))).toEqual([]);
});
