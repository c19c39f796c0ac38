import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Who has a VIP of a pool, or waits for one. */
@Entity('vip_holders')
export class VipHolderRow {
  @PrimaryColumn({ type: 'text' }) kind: string;
  /** Scoped. */
  @PrimaryColumn({ type: 'text' }) name: string;
  @Column({ type: 'bigint' }) seq: number;
  /** When it was last recorded. */
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'text' }) project: string;
  /** `leased` or `waiting`. */
  @Column({ type: 'text' }) state: string;
  @Column({ type: 'text', nullable: true }) address: string | null;
  @Column({ type: 'text', nullable: true }) pool: string | null;
  /** Why it waits, for programs and for people. */
  @Column({ type: 'text', nullable: true }) code: string | null;
  @Column({ type: 'text', nullable: true }) reason: string | null;
}
