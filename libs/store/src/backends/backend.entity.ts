import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A backend as its newest record says; `result` is the JSON of a HealthResult, `notedBy` that of an OperatorNote. */
@Entity('backends')
export class BackendRow {
  @PrimaryColumn({ type: 'text' }) name: string;
  @Column({ type: 'bigint' }) version: number;
  @Column({ type: 'bigint' }) seq: number;
  @Column({ type: 'text' }) state: string;
  /** When it entered its state. */
  @Column({ type: 'text' }) since: string;
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'text' }) address: string;
  /** Of the backend itself; null: that of the VIP. */
  @Column({ type: 'integer', nullable: true }) port: number | null;
  @Column({ type: 'text', nullable: true }) healthcheck: string | null;
  @Column({ type: 'text' }) result: string;
  @Column({ name: 'noted_by', type: 'text', nullable: true }) notedBy: string | null;
}
