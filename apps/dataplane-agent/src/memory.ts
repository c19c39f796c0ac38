import type { Outgoing } from './domain/announcing/outgoing.js';
import type { Desired } from './domain/desired.js';
import type { FlushesDone } from './domain/flushes.js';
import type { NodeReport } from './domain/node-report.js';
import type { LinkAddress } from './local-vips/link-addresses.js';

/** What an agent has to know after a restart. */
export interface Memory {
  /** The last complete state. */
  desired?: Desired;
  flushesDone?: FlushesDone;
  /** Ports that the driver chose, by listener. */
  ports: Readonly<Record<string, number>>;
  /** VIPs that were announced, and those that leave. */
  outgoing?: Outgoing;
  /** Addresses that were added to interfaces here, and by nobody else. */
  localVips?: readonly LinkAddress[];
  /** What the records up to this version say, once they were stored. */
  told?: { readonly version: number; readonly report: NodeReport };
}
