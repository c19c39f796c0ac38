import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A delivery as lists show it. */
@Entity('deliveries')
export class DeliveryRow {
  @PrimaryColumn({ name: 'group_name', type: 'text' }) group: string;
  @PrimaryColumn({ type: 'text' }) peer: string;
  @PrimaryColumn({ type: 'text' }) id: string;
  @Column({ type: 'bigint' }) seq: number;
  @Column({ type: 'integer' }) version: number;
  @Column({ type: 'text' }) state: string;
  @Column({ type: 'integer' }) attempts: number;
  @Column({ name: 'last_attempt_at', type: 'text' }) lastAttemptAt: string;
  @Column({ name: 'observed_at', type: 'text' }) observedAt: string;
  @Column({ name: 'expires_at', type: 'text', nullable: true }) expiresAt: string | null;
  @Column({ name: 'error_code', type: 'text', nullable: true }) errorCode: string | null;
  @Column({ type: 'text', nullable: true }) error: string | null;
  @Column({ name: 'delivered_at', type: 'text', nullable: true }) deliveredAt: string | null;
  @Column({ name: 'delivered_version', type: 'integer', nullable: true }) deliveredVersion: number | null;
}
