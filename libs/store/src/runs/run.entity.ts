import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A run; `view` is the JSON of everything people see of it. */
@Entity('runs')
export class RunRow {
  @PrimaryColumn({ name: 'run_id', type: 'text' }) runId: string;
  @Column({ type: 'text' }) subscription: string;
  @Column({ type: 'text' }) plugin: string;
  @Column({ name: 'group_name', type: 'text' }) group: string;
  @Column({ type: 'text' }) source: string;
  @Column({ type: 'text' }) state: string;
  @Column({ name: 'fact_ids', type: 'text', array: true }) factIds: string[];
  @Column({ name: 'planned_at', type: 'text' }) plannedAt: string;
  @Column({ name: 'last_seq', type: 'bigint' }) lastSeq: number;
  @Column({ type: 'text' }) view: string;
}
