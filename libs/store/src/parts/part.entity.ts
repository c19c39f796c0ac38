import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A dynamic config part; `body` is the JSON of the whole {@link Part}. */
@Entity('parts')
export class PartRow {
  @PrimaryColumn({ type: 'text' }) source: string;
  @PrimaryColumn({ type: 'integer' }) generation: number;
  @Column({ type: 'text' }) owner: string;
  @Column({ type: 'text' }) state: string;
  @Column({ type: 'text', nullable: true }) reason: string | null;
  @Column({ name: 'run_id', type: 'text' }) runId: string;
  @Column({ name: 'accepted_seq', type: 'bigint' }) acceptedSeq: number;
  @Column({ name: 'created_at', type: 'text' }) createdAt: string;
  @Column({ name: 'updated_at', type: 'text' }) updatedAt: string;
  @Column({ name: 'expires_at', type: 'text', nullable: true }) expiresAt: string | null;
  /** How many the part has. */
  @Column({ type: 'integer' }) directives: number;
  @Column({ type: 'text' }) body: string;
}
