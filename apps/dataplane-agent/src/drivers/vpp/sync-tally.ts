import type { LbWrite } from './lb-plan.js';

/** Which changes are counted, by the labels of `maglev_vpp_lbsync_total`. Reference maglev 10. */
const KINDS = {
  'add-vip': 'vip_added',
  'remove-vip': 'vip_removed',
  'add-target': 'as_added',
  'remove-target': 'as_removed',
  'set-weight': 'as_weight_updated',
} as const;

export type SyncKind = (typeof KINDS)[keyof typeof KINDS];

/** Whether a sync was of all VIPs or of one. */
export type SyncScope = 'all' | 'vip';

/** The kind of a change; undefined for settings, which are none of a VIP. */
export function kindOf({ does }: LbWrite): SyncKind | undefined {
  return does === 'conf' ? undefined : KINDS[does];
}

/** What was written to VPP since this process began. */
export class SyncTally {
  private readonly counts = new Map<string, number>();

  add(kind: SyncKind, scope: SyncScope): void {
    const key = `${kind} ${scope}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  /** Those that are not zero, by kind and scope. */
  all(): { readonly kind: string; readonly scope: string; readonly count: number }[] {
    return [...this.counts].sort().map(([key, count]) => {
      const [kind = '', scope = ''] = key.split(' ');
      return { kind, scope, count };
    });
  }
}
