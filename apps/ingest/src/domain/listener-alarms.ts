import { type Alarm, FEDERATION_API } from '@signalbox/contracts';

/** How a group that wants to receive from peers stands. */
export interface ListenerStanding {
  readonly group: string;
  readonly state: 'Listening' | 'Pending';
  /** Absent while the port is opened for the first time. */
  readonly reason?: 'secret-missing' | 'port-busy' | 'listen-failed';
  readonly message: string;
  readonly since: string;
}

/** One alarm per group that shall receive from peers and does not. */
export function listenerAlarms(standings: readonly ListenerStanding[]): Alarm[] {
  return standings.flatMap(({ group, state, reason, message, since }): Alarm[] => {
    if (state === 'Listening' || reason === undefined) return [];
    const kind = reason === 'secret-missing' ? reason : 'listener-closed';
    const resources = [{ apiVersion: FEDERATION_API, kind: 'EventGroup', name: group }];
    const text = `group ${group} receives nothing from peers: ${message}`;
    return [{ kind, name: group, reason, resources, since, text }];
  });
}
