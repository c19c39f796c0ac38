import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A VIP of a pool that is not free. */
@Entity('vip_addresses')
export class VipAddressRow {
  /** Canonical. */
  @PrimaryColumn({ type: 'text' }) address: string;
  @Column({ type: 'bigint' }) seq: number;
  /** When it was last recorded. */
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'text' }) pool: string;
  /** Of whoever has it, or had it last. */
  @Column({ type: 'text' }) project: string;
  /** `leased` or `quarantined`. */
  @Column({ type: 'text' }) state: string;
  /** What it is shared by. */
  @Column({ type: 'text', nullable: true }) sharing: string | null;
  /** When its quarantine ends. */
  @Column({ type: 'text', nullable: true }) until: string | null;
  /** Kind and scoped name of whoever had it last, in quarantine. */
  @Column({ name: 'last_kind', type: 'text', nullable: true }) lastKind: string | null;
  @Column({ name: 'last_name', type: 'text', nullable: true }) lastName: string | null;
}
