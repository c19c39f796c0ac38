import type { AnnounceMethod, NodeVipReport, VipState } from '@signalbox/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One VIP on one node, as the node said last. */
@Entity('node_vips')
export class NodeVipRow {
  @PrimaryColumn({ type: 'text' }) node: string;
  @PrimaryColumn({ type: 'text' }) address: string;
  @Column({ type: 'bigint' }) seq: number;
  /** When it was last recorded. */
  @Column({ type: 'text' }) at: string;
  @Column({ type: 'text' }) announcement: string;
  @Column({ type: 'text' }) method: string;
  @Column({ type: 'text' }) state: string;
  /** When it entered its state. */
  @Column({ type: 'text' }) since: string;
  /** Names of peers as JSON; of BGP. */
  @Column({ type: 'text', nullable: true }) told: string | null;
  @Column({ type: 'text', nullable: true }) why: string | null;
}

/** The report that a row keeps. */
export function vipReportOfRow(row: NodeVipRow): NodeVipReport {
  const { address, announcement, since, told, why } = row;
  return {
    ...{ address, announcement, since },
    method: row.method as AnnounceMethod,
    state: row.state as VipState,
    ...(told !== null && { to: JSON.parse(told) as string[] }),
    ...(why !== null && { why }),
  };
}
