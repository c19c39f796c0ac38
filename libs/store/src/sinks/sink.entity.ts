import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A sink as its newest record says; `content` is the JSON of a SinkContent, `failure` that of a SinkFailure. */
@Entity('sinks')
export class SinkRow {
  @PrimaryColumn({ type: 'text' }) name: string;
  @Column({ type: 'bigint' }) version: number;
  @Column({ type: 'bigint' }) seq: number;
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'text' }) state: string;
  @Column({ type: 'bigint' }) revision: number;
  @Column({ type: 'bigint' }) generation: number;
  @Column({ type: 'text', nullable: true }) content: string | null;
  @Column({ type: 'text', nullable: true }) failure: string | null;
  @Column({ type: 'text', nullable: true }) reason: string | null;
}
