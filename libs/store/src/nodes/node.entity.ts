import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A load-balancing node as its newest record says. */
@Entity('nodes')
export class NodeRow {
  @PrimaryColumn({ type: 'text' }) name: string;
  @Column({ type: 'bigint' }) version: number;
  @Column({ type: 'bigint' }) seq: number;
  @Column({ type: 'text' }) driver: string;
  @Column({ type: 'text' }) state: string;
  /** When it entered its state. */
  @Column({ type: 'text' }) since: string;
  @Column({ type: 'text' }) at: string;
  /** Code and message as JSON. */
  @Column({ type: 'text', nullable: true }) error: string | null;
  @Column({ type: 'text', nullable: true }) epoch: string | null;
  @Column({ name: 'applied_generation', type: 'bigint', nullable: true }) appliedGeneration: number | null;
  /** As JSON. */
  @Column({ type: 'text' }) capabilities: string;
  /** Of where it sends packets: equal on nodes that do the same. */
  @Column({ name: 'traffic_digest', type: 'text', nullable: true }) trafficDigest: string | null;
  /** It announces nothing, because an operator drained it. */
  @Column({ type: 'boolean' }) drained: boolean;
  /** VIPs that it was told of, and those of them that it announces or leads. */
  @Column({ type: 'integer' }) vips: number;
  @Column({ type: 'integer' }) announced: number;
  /** Its routers, a `NodePeerReport[]` as JSON; null: it has none. */
  @Column({ type: 'text', nullable: true }) peers: string | null;
}
