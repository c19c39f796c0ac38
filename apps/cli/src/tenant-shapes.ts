/** Bodies of the REST API about orgs, projects and quotas (docs/reference/rest-api.md). */

import type { QuotaKind } from '@signalbox/contracts';
import type { Origin } from './balance-shapes.js';

/** How many resources of a kind there are, and may be. */
export interface KindUse {
  readonly kind: QuotaKind;
  readonly used: number;
  readonly limit?: number;
}

/** An Org; what its projects have together is there when it was asked for alone. */
export interface OrgItem {
  readonly name: string;
  readonly description?: string;
  readonly projects?: number;
  readonly use?: readonly KindUse[];
  readonly origin?: Origin;
}

export interface QuotaItem {
  readonly name: string;
  readonly description?: string;
  readonly org?: string;
  readonly project?: string;
  readonly limits: readonly Required<KindUse>[];
  readonly origin?: Origin;
}

/** A Project; what it has, and the quotas over it, is there when it was asked for alone. */
export interface ProjectItem {
  readonly name: string;
  readonly org: string;
  readonly description?: string;
  readonly use?: readonly KindUse[];
  readonly quotas?: readonly QuotaItem[];
  readonly origin?: Origin;
}
