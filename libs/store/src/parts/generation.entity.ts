import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One generation of the effective config, as history lists show it. */
@Entity('generations')
export class GenerationRow {
  @PrimaryColumn({ type: 'integer' }) generation: number;
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'boolean' }) complete: boolean;
  @Column({ name: 'cause_stream', type: 'text' }) causeStream: string;
  @Column({ name: 'cause_seq', type: 'bigint' }) causeSeq: number;
  @Column({ type: 'bigint' }) revision: number;
  @Column({ type: 'text' }) digest: string;
  @Column({ type: 'integer' }) resources: number;
  @Column({ type: 'integer' }) added: number;
  @Column({ type: 'integer' }) changed: number;
  @Column({ type: 'integer' }) removed: number;
  @Column({ type: 'text' }) quarantined: string;
  @Column({ type: 'text' }) suppressed: string;
}
