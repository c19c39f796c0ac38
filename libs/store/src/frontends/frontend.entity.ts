import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A frontend as its newest record says. */
@Entity('frontends')
export class FrontendRow {
  @PrimaryColumn({ type: 'text' }) name: string;
  @Column({ type: 'bigint' }) version: number;
  @Column({ type: 'bigint' }) seq: number;
  @Column({ type: 'text' }) state: string;
  /** When it entered its state. */
  @Column({ type: 'text' }) since: string;
  @Column({ type: 'text' }) at: string;
  @Column({ name: 'active_pool', type: 'text' }) activePool: string;
}
