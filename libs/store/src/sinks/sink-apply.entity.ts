import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Outcomes of an apply. `applied`: the target has other content than before; `failed`: it could not be brought there. */
export const APPLY_OUTCOMES = ['applied', 'failed'] as const;
export type ApplyOutcome = (typeof APPLY_OUTCOMES)[number];

/** One thing that was tried of a sink; `content`, what the target had then, and `failure` as in {@link SinkRow}. */
@Entity('sink_applies')
export class SinkApplyRow {
  @PrimaryColumn({ type: 'text' }) sink: string;
  @PrimaryColumn({ type: 'bigint' }) version: number;
  @Column({ type: 'bigint' }) seq: number;
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'text' }) outcome: ApplyOutcome;
  @Column({ type: 'bigint' }) generation: number;
  @Column({ type: 'text', nullable: true }) content: string | null;
  @Column({ type: 'text', nullable: true }) failure: string | null;
}
