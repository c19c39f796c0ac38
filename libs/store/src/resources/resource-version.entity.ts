import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One version of a resource and the revisions [from, to) in which it stood. */
@Entity('resource_versions')
export class ResourceVersionRow {
  @PrimaryColumn({ name: 'api_version', type: 'text' }) apiVersion: string;
  @PrimaryColumn({ type: 'text' }) kind: string;
  @PrimaryColumn({ type: 'text' }) project: string;
  @PrimaryColumn({ type: 'text' }) name: string;
  @PrimaryColumn({ name: 'from_revision', type: 'bigint' }) fromRevision: number;
  @Column({ name: 'to_revision', type: 'bigint', nullable: true }) toRevision: number | null;
  @Column({ name: 'set_name', type: 'text', nullable: true }) setName: string | null;
  @Column({ type: 'text' }) body: string;
}
