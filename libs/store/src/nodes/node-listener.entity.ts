import type {
  ErrorBody,
  NodeListenerReport,
  NodeListenerState,
  ServedCertificate,
} from '@signalbox/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One listener on one node, as the node said last. */
@Entity('node_listeners')
export class NodeListenerRow {
  @PrimaryColumn({ type: 'text' }) node: string;
  @PrimaryColumn({ type: 'text' }) listener: string;
  @Column({ type: 'bigint' }) seq: number;
  /** When it was last recorded. */
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'text' }) state: string;
  @Column({ type: 'bigint' }) generation: number;
  @Column({ type: 'text', nullable: true }) address: string | null;
  @Column({ type: 'integer', nullable: true }) port: number | null;
  @Column({ type: 'text' }) digest: string;
  @Column({ name: 'table_digest', type: 'text', nullable: true }) tableDigest: string | null;
  /** Code and message as JSON. */
  @Column({ type: 'text', nullable: true }) error: string | null;
  @Column({ type: 'text', nullable: true }) warning: string | null;
  /** As JSON. */
  @Column({ type: 'text', nullable: true }) certificates: string | null;
}

/** The report that a row keeps. */
export function reportOfRow(row: NodeListenerRow): NodeListenerReport {
  const {
    listener: name,
    generation,
    address,
    port,
    digest,
    tableDigest,
    error,
    warning,
    certificates,
  } = row;
  return {
    name,
    state: row.state as NodeListenerState,
    generation,
    ...(address !== null && port !== null && { listensAt: { address, port } }),
    digest,
    ...(tableDigest !== null && { tableDigest }),
    ...(certificates !== null && { certificates: JSON.parse(certificates) as ServedCertificate[] }),
    ...(error !== null && { error: JSON.parse(error) as Pick<ErrorBody, 'code' | 'message'> }),
    ...(warning !== null && { warning }),
  };
}
