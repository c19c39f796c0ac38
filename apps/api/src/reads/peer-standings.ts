import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, type ErrorBody, SUBJECTS } from '@signalbox/contracts';
import { type DeclaredPeer, OperatorResources } from '../operator-resources.js';

/** How long federation may take to answer. Milliseconds. */
const ASK_MS = 1000;

/** A declared peer and how far deliveries to it have got. */
export interface PeerStanding extends DeclaredPeer {
  /** Sequence in the facts of the group up to which nothing is left to do. */
  readonly doneUpTo: number;
  /** False when nothing is left to do behind that either. */
  readonly mayWait: boolean;
  /** Its clock against ours, milliseconds; absent: it told no time. */
  readonly skewMs?: number;
  /** Why facts wait, when they wait for something. */
  readonly error?: ErrorBody;
}

interface LaneAnswer {
  readonly group: string;
  readonly peer: string;
  readonly doneUpTo: number;
  readonly due: number;
  readonly skewMs?: number;
  readonly error?: ErrorBody;
}

const SILENT: ErrorBody = {
  code: 'not-ready',
  message: 'federation does not answer: see whether it runs and is ready',
};

/** Asks `federation` how deliveries stand. */
@Injectable()
export class PeerStandings {
  constructor(
    private readonly bus: Bus,
    private readonly resources: OperatorResources,
  ) {}

  /** All declared peers by group, then name; while `federation` is silent that is the reason why facts wait. */
  async all(): Promise<PeerStanding[]> {
    const peers = this.resources.peers();
    if (peers.length === 0) return [];
    const lanes = await this.lanes();
    return peers.map((peer) => {
      const lane = lanes?.find((one) => one.group === peer.group && one.peer === peer.name);
      const error = lanes ? lane?.error : SILENT;
      return {
        ...peer,
        doneUpTo: lane?.doneUpTo ?? 0,
        mayWait: lane === undefined || lane.due > 0,
        ...(lane?.skewMs !== undefined && { skewMs: lane.skewMs }),
        ...(error && { error }),
      };
    });
  }

  private async lanes(): Promise<readonly LaneAnswer[] | undefined> {
    try {
      const answer = await this.bus.ask<{ peers: LaneAnswer[] }>(
        SUBJECTS.ask('federation', 'peers'),
        {},
        ASK_MS,
      );
      return answer?.peers;
    } catch (error) {
      if (error instanceof CodedError) return undefined;
      throw error;
    }
  }
}
