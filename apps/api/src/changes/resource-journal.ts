import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Ack, Bus, getLast, WrongSequenceError } from '@signalbox/bus';
import {
  BOUNDS,
  type Changeset,
  CodedError,
  COMMAND_WAIT_MS,
  formatTime,
  refKey,
  refText,
  STREAMS,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock } from '@signalbox/runtime';
import type { ChangesetPlan, PlannedChange, Standing } from '../domain/plan-changeset.js';
import { OperatorResources } from '../operator-resources.js';

/** Makes the plan for the resources as they stand at a revision and throws when the result would not be valid. */
export type Decide = (standing: Standing, revision: number) => ChangesetPlan;

/** A plan and the revision at which it holds; `appended` when it made that revision. */
export interface Decided extends ChangesetPlan {
  readonly revision: number;
  readonly appended: boolean;
}

/** Who makes a changeset, from where and why. */
export type ChangeBy = Pick<Changeset, 'author' | 'message' | 'from'>;

/** How often a changeset is planned anew because another process wrote in between. */
export const APPEND_ATTEMPTS = 5;

/**
 * The only writer of `journal.resources` in this process: one changeset at a time, each appended with
 * compare-and-set on the revision it was validated against (architecture section 5).
 */
@Injectable()
export class ResourceJournal {
  private turn: Promise<unknown> = Promise.resolve();
  private queued = 0;

  constructor(
    private readonly bus: Bus,
    private readonly resources: OperatorResources,
    private readonly clock: Clock,
  ) {}

  /** Changes that wait for their turn, with the one that has it. */
  get waiting(): number {
    return this.queued;
  }

  /** What a changeset would do now. Appends nothing. */
  preview(decide: Decide): Decided {
    const { standing, revision } = this.resources;
    return { ...decide(standing, revision), revision, appended: false };
  }

  /**
   * Decides and appends; nothing is appended when nothing changes. Throws what `decide` throws, `revision-conflict`
   * when another process changed one of the same resources, `changeset-too-large`, `not-ready`, `nats-unavailable`.
   */
  async append(decide: Decide, by: ChangeBy): Promise<Decided> {
    if (!this.bus.isUp) {
      throw new CodedError('nats-unavailable', 'NATS is not connected: nothing was applied, try again later');
    }
    if (this.queued >= BOUNDS.changesInLine) {
      throw new CodedError(
        'not-ready',
        `${BOUNDS.changesInLine} changes are waiting already: try again later`,
      );
    }
    this.queued += 1;
    const mine = this.turn.then(() => this.appendNow(decide, by));
    this.turn = mine.catch(() => undefined).finally(() => (this.queued -= 1));
    return mine;
  }

  private async appendNow(decide: Decide, by: ChangeBy): Promise<Decided> {
    const msgId = randomUUID();
    let basis: ReadonlyMap<string, number | undefined> | undefined;
    for (let attempt = 1; attempt <= APPEND_ATTEMPTS; attempt += 1) {
      const { standing, revision } = this.resources;
      const { changes, plan } = decide(standing, revision);
      if (basis) refuseConflict(plan, basis, standing);
      basis ??= new Map(plan.map((one) => [refKey(one), standing.get(refKey(one))?.revision]));
      if (changes.length === 0) return { changes, plan, revision, appended: false };

      const changeset: Changeset = { ...by, at: formatTime(this.clock.now()), changes };
      const appended = await this.appendAt(revision, changeset, msgId);
      if (appended !== undefined) {
        await this.resources.reached(appended, COMMAND_WAIT_MS);
        return { changes, plan, revision: appended, appended: true };
      }
    }
    throw new CodedError(
      'revision-conflict',
      `other changes came in between ${APPEND_ATTEMPTS} times: apply again`,
    );
  }

  /** Revision of the appended changeset, or undefined when another changeset came first and is in the book now. */
  private async appendAt(revision: number, changeset: Changeset, msgId: string): Promise<number | undefined> {
    const data = Buffer.from(JSON.stringify(changeset));
    if (data.byteLength > this.bus.maxBytes) {
      throw new CodedError(
        'changeset-too-large',
        `the changeset has ${data.byteLength} bytes, one message may have ${this.bus.maxBytes} (max_payload of NATS less a reserve): apply it in smaller pieces`,
      );
    }
    try {
      const ack = await this.publishTwice(data, { msgId, expectLastSubjectSeq: revision });
      return ack.seq;
    } catch (error) {
      if (!(error instanceof WrongSequenceError)) throw error;
      const last = await getLast(this.bus, STREAMS.journal, SUBJECTS.resources);
      if (last?.headers?.get('Nats-Msg-Id') === msgId) return last.seq;
      if (last && !(await this.resources.reached(last.seq, COMMAND_WAIT_MS))) {
        throw new CodedError(
          'not-ready',
          `the changes up to revision ${last.seq} are not read yet: apply again`,
        );
      }
      return undefined;
    }
  }

  /** An ack that got lost leaves open whether the message is stored; its id makes sending it again harmless. */
  private async publishTwice(
    data: Uint8Array,
    options: { msgId: string; expectLastSubjectSeq: number },
  ): Promise<Ack> {
    try {
      return await this.bus.publisher.publish(SUBJECTS.resources, data, options);
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'nats-unavailable')) throw error;
      return this.bus.publisher.publish(SUBJECTS.resources, data, options);
    }
  }
}

function refuseConflict(
  plan: readonly PlannedChange[],
  basis: ReadonlyMap<string, number | undefined>,
  standing: Standing,
): void {
  const changed = plan.filter((one) => {
    const key = refKey(one);
    return !basis.has(key) || basis.get(key) !== standing.get(key)?.revision;
  });
  if (changed.length === 0) return;
  throw new CodedError(
    'revision-conflict',
    `somebody else changed ${changed.slice(0, 5).map(refText).join(', ')} at the same time: look at the plan and apply again`,
  );
}
