import type { FrontendTarget, WeightRule } from '@signalbox/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One backend in one pool of a frontend: what the data plane must use, and why. */
@Entity('frontend_targets')
export class FrontendTargetRow {
  @PrimaryColumn({ type: 'text' }) frontend: string;
  @PrimaryColumn({ type: 'text' }) pool: string;
  @PrimaryColumn({ type: 'text' }) backend: string;
  @Column({ type: 'bigint' }) seq: number;
  /** When it was last recorded. */
  @Column({ type: 'text' }) since: string;
  @Column({ type: 'text', nullable: true }) address: string | null;
  @Column({ type: 'integer', nullable: true }) port: number | null;
  @Column({ type: 'integer' }) weight: number;
  @Column({ type: 'integer' }) effective: number;
  @Column({ type: 'boolean' }) flush: boolean;
  @Column({ type: 'text' }) rule: string;
  @Column({ type: 'text' }) why: string;
  /** When the rule ends, of those that end by time. */
  @Column({ type: 'text', nullable: true }) until: string | null;
}

/** The target that a row keeps. */
export function targetOfRow(row: FrontendTargetRow): FrontendTarget {
  const { pool, backend, address, port, weight, effective, flush, rule, why: text, until } = row;
  const why = { rule: rule as WeightRule, text, ...(until !== null && { until }) };
  const target = { pool, backend, weight, effective, flush, why };
  return { ...target, ...(address !== null && { address }), ...(port !== null && { port }) };
}
