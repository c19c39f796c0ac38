import { DurationTally } from './duration-tally.js';

/** What is counted of announcements, from before there is anybody who scrapes it. */
export class AnnounceTally {
  /** How often VIPs were not on the network as they had been announced. */
  drifts = 0;
  /** How often a VIP came onto the network, or went from it. */
  changes = 0;
  /** From the moment in which the node was ready, or was not any more, until the announcer had taken that. */
  readonly applies = new DurationTally();
}
