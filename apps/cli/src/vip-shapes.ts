import type { NodeVipReport, VipWaitCode } from '@signalbox/contracts';
import type { Origin } from './balance-shapes.js';
import type { ListenerStatusItem } from './lb-shapes.js';

/** A VipPool as `GET /v1/vippools` tells of it. */
export interface VipPoolItem {
  readonly name: string;
  readonly description?: string;
  readonly addresses: readonly string[];
  readonly projects?: readonly string[];
  readonly autoAssign: boolean;
  readonly quarantine: string;
  readonly size: number;
  readonly used?: number;
  readonly quarantined?: number;
  readonly free?: number;
  readonly origin?: Origin;
}

/** A VipClaim as `GET /v1/vipclaims` tells of it. */
export interface VipClaimItem {
  readonly name: string;
  readonly project?: string;
  readonly description?: string;
  readonly state: 'leased' | 'waiting' | 'pending';
  readonly address?: string;
  readonly pool?: string;
  readonly sharingKey?: string;
  readonly code?: VipWaitCode;
  readonly reason?: string;
  readonly at?: string;
  readonly loadBalancers: readonly string[];
  readonly origin?: Origin;
}

/** A VIP as `GET /v1/vips` tells of it. */
export interface VipItem {
  readonly address: string;
  readonly listeners: readonly (ListenerStatusItem & {
    readonly project?: string;
    readonly activePool: string;
    readonly usableTargets: number;
    readonly targets: number;
  })[];
  readonly nodes: readonly (Omit<NodeVipReport, 'address'> & {
    readonly node: string;
    readonly silent?: boolean;
  })[];
  /** Why no node announces it. */
  readonly why?: string;
}
