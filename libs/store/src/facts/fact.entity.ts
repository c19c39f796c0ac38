import type { Fact } from '@signalbox/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A fact as lists show it: the newest record of its id. */
@Entity('facts')
export class FactRow {
  @PrimaryColumn({ name: 'group_name', type: 'text' }) group: string;
  @PrimaryColumn({ type: 'text' }) id: string;
  @Column({ type: 'bigint' }) seq: number;
  @Column({ type: 'text' }) origin: string;
  @Column({ type: 'text' }) type: string;
  @Column({ type: 'text' }) subject: string;
  @Column({ name: 'dedupe_key', type: 'text' }) dedupeKey: string;
  @Column({ type: 'text' }) lineage: string;
  @Column({ type: 'jsonb' }) payload: Record<string, string>;
  @Column({ name: 'observed_at', type: 'text' }) observedAt: string;
  @Column({ name: 'expires_at', type: 'text', nullable: true }) expiresAt: string | null;
  @Column({ type: 'integer' }) version: number;
  @Column({ type: 'boolean' }) own: boolean;
  @Column({ type: 'text' }) way: string;
  @Column({ name: 'accepted_at', type: 'text' }) acceptedAt: string;
  /** Tracing attributes that came with the fact. */
  @Column({ type: 'jsonb', nullable: true }) travel: Pick<
    Fact,
    'traceparent' | 'correlationId' | 'causationId'
  > | null;
}
