import type { Alarm, AlarmedResource, Condition } from '@signalbox/contracts';

/** Alarms whose cause something that waits for it will find gone by itself; the others make a resource work less. */
const PENDING: readonly Alarm['kind'][] = [
  'group-missing',
  'listener-closed',
  'plugin-missing',
  'plugin-suspended',
  'secret-missing',
  'subscription-suspended',
];

/** What the alarms say about one resource: one condition per alarm that names it, in their order. */
export function alarmConditions(
  alarms: readonly Alarm[],
  { apiVersion, kind, name }: AlarmedResource,
): Condition[] {
  return alarms
    .filter(({ resources = [] }) =>
      resources.some((one) => one.apiVersion === apiVersion && one.kind === kind && one.name === name),
    )
    .map((alarm) => ({
      type: PENDING.includes(alarm.kind) ? 'Pending' : 'Degraded',
      status: 'True',
      reason: alarm.reason ?? alarm.kind,
      message: alarm.text,
    }));
}
