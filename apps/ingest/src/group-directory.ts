import { Injectable } from '@nestjs/common';
import type { EventGroupSpec } from '@signalbox/contracts';

/** The declared groups, as the ways in need them. */
@Injectable()
export class GroupDirectory {
  private groups: ReadonlyMap<string, EventGroupSpec> = new Map();

  replace(groups: ReadonlyMap<string, EventGroupSpec>): void {
    this.groups = groups;
  }

  /** Our node name in the group, '' when the group is not declared. */
  nodeNameOf(group: string): string {
    return this.groups.get(group)?.nodeName ?? '';
  }
}
