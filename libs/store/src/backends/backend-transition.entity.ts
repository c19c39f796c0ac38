import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One record of a backend; `result` and `notedBy` as in {@link BackendRow}. */
@Entity('backend_transitions')
export class BackendTransitionRow {
  @PrimaryColumn({ type: 'text' }) backend: string;
  @PrimaryColumn({ type: 'bigint' }) version: number;
  @Column({ type: 'bigint' }) seq: number;
  @Column({ type: 'text' }) at: string;
  @Column({ name: 'from_state', type: 'text', nullable: true }) from: string | null;
  @Column({ name: 'to_state', type: 'text' }) to: string;
  @Column({ type: 'text' }) result: string;
  @Column({ name: 'noted_by', type: 'text', nullable: true }) notedBy: string | null;
}
