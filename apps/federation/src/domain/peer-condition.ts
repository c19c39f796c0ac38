import type { ErrorBody } from '@signalbox/contracts';

/** How deliveries to a peer stand, for people. */
export interface PeerCondition {
  readonly group: string;
  readonly peer: string;
  readonly nodeName: string;
  readonly endpoint: string;
  readonly state: 'Delivering' | 'Failing' | 'Refused' | 'Pending';
  /** Why it is not delivering. */
  readonly reason?: string;
  /** The same with its code, as a delivery that waits shows it. */
  readonly error?: ErrorBody;
  readonly since?: string;
  /** Its clock against ours by its last answer, milliseconds: more than 0 = it is ahead. Absent: it told no time. */
  readonly skewMs?: number;
}
