import { Injectable } from '@nestjs/common';
import { Bus, getLast } from '@signalbox/bus';
import {
  APPLY_CHAIN,
  BALANCE_MARKS,
  COMMAND_WAIT_MS,
  STREAMS,
  SUBJECTS,
  type Watermark,
} from '@signalbox/contracts';
import { Watermarks } from '@signalbox/runtime';
import {
  backendsProjection,
  frontendsProjection,
  loadPosition,
  nodeDrainsProjection,
  partsProjection,
  resourcesProjection,
  sinkIntentsProjection,
  sinksProjection,
  streamCreated,
  vipsProjection,
  weightOverridesProjection,
} from '@signalbox/store';
import { DataSource } from 'typeorm';
import { SharedDeadline } from './shared-deadline.js';

const RENDERER = 'renderer' satisfies (typeof APPLY_CHAIN)[number];

/**
 * Follows what a change sets in motion until it can be read (architecture section 6, rule 3). Every way of following
 * waits for everyone until the same moment, unless told otherwise COMMAND_WAIT_MS, and names who has not got there; empty =
 * all is readable.
 */
@Injectable()
export class Consequences {
  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly watermarks: Watermarks,
  ) {}

  /**
   * Of a changeset: everyone who follows the journal, then what the new effective config does to traffic. A site without
   * anything to balance does not need `health` and `balancer`.
   */
  async ofChangeset(revision: number, waitMs: number = COMMAND_WAIT_MS): Promise<string[]> {
    const deadline = this.deadline(waitMs);
    const followers = [...APPLY_CHAIN.filter((service) => service !== RENDERER), resourcesProjection.name];
    await Promise.all([
      ...followers.map((service) => deadline.service(service, STREAMS.journal, revision)),
      this.rendered(deadline, revision),
    ]);
    return deadline.late;
  }

  /** Of a command for a backend whose last record is `seq`. */
  async ofBackend(seq: number, waitMs: number = COMMAND_WAIT_MS): Promise<string[]> {
    const deadline = this.deadline(waitMs);
    await this.backendsReadable(deadline, seq);
    return deadline.late;
  }

  /** Of a command for a sink: its record in ACTIVITY, and what is wanted of it in JOURNAL. */
  async ofSink(seq: number, intentSeq: number, waitMs: number = COMMAND_WAIT_MS): Promise<string[]> {
    const deadline = this.deadline(waitMs);
    await Promise.all([
      deadline.table(sinksProjection, seq),
      deadline.table(sinkIntentsProjection, intentSeq),
    ]);
    return deadline.late;
  }

  /** Of a drain, or of its end: the record in JOURNAL. */
  async ofNodeDrain(seq: number, waitMs: number = COMMAND_WAIT_MS): Promise<string[]> {
    const deadline = this.deadline(waitMs);
    await deadline.table(nodeDrainsProjection, seq);
    return deadline.late;
  }

  /** Of a new weight: the override itself, and the record of the frontend when the weight changed anything. */
  async ofWeight(frontend: string, seq: number | undefined): Promise<string[]> {
    const deadline = this.deadline();
    const override = await getLast(this.bus, STREAMS.journal, SUBJECTS.frontendJournal(frontend));
    await Promise.all([
      override && deadline.table(weightOverridesProjection, override.seq),
      this.frontendsReadable(deadline, seq),
    ]);
    return deadline.late;
  }

  /** Of a record of a frontend: the weights that it tells. */
  async ofFrontend(seq: number, waitMs: number = COMMAND_WAIT_MS): Promise<string[]> {
    const deadline = this.deadline(waitMs);
    await this.frontendsReadable(deadline, seq);
    return deadline.late;
  }

  private deadline(waitMs: number = COMMAND_WAIT_MS): SharedDeadline {
    const storedPosition = async ({ name, stream }: { name: string; stream: string }): Promise<number> =>
      loadPosition(this.dataSource.manager, name, stream, await streamCreated(this.bus, stream));
    return new SharedDeadline(this.watermarks, storedPosition, waitMs);
  }

  private async rendered(deadline: SharedDeadline, revision: number): Promise<void> {
    const mark = await deadline.service(RENDERER, STREAMS.journal, revision);
    const effective = appendedSince(0, mark);
    if (effective === undefined) return;
    await deadline.table(partsProjection, effective);
    const traffic = mark?.appended?.traffic;
    if (traffic === undefined) return;
    await Promise.all([this.checked(deadline, traffic), this.balanced(deadline, traffic)]);
  }

  /** `health` has taken over a generation: backends came, went or changed. */
  private async checked(deadline: SharedDeadline, effective: number): Promise<void> {
    const mark = await deadline.service(BALANCE_MARKS.healthConfig, STREAMS.activity, effective);
    await this.backendsReadable(deadline, appendedSince(effective, mark));
  }

  /** `balancer` has taken over a generation: frontends and VIPs came, went or changed. */
  private async balanced(deadline: SharedDeadline, effective: number): Promise<void> {
    const mark = await deadline.service(BALANCE_MARKS.balancerConfig, STREAMS.activity, effective);
    const vips = mark?.appended?.vips ?? 0;
    await Promise.all([
      this.frontendsReadable(deadline, appendedSince(effective, mark)),
      vips > effective && deadline.table(vipsProjection, vips),
    ]);
  }

  /** The record of a backend is in its table, and so is what `balancer` made of it. */
  private async backendsReadable(deadline: SharedDeadline, seq: number | undefined): Promise<void> {
    if (seq === undefined) return;
    const weighed = async (): Promise<void> => {
      const mark = await deadline.service(BALANCE_MARKS.balancerBackends, STREAMS.activity, seq);
      await this.frontendsReadable(deadline, appendedSince(seq, mark));
    };
    await Promise.all([deadline.table(backendsProjection, seq), weighed()]);
  }

  private async frontendsReadable(deadline: SharedDeadline, seq: number | undefined): Promise<void> {
    if (seq !== undefined) await deadline.table(frontendsProjection, seq);
  }
}

/**
 * Last message of ACTIVITY that was appended because of what a mark tells. `health` and `balancer` name the last one
 * they ever appended: one from before the cause says that nothing followed.
 */
function appendedSince(cause: number, mark: Watermark | undefined): number | undefined {
  const { stream, seq } = mark?.appended ?? { stream: '', seq: 0 };
  return stream === STREAMS.activity && seq > cause ? seq : undefined;
}
