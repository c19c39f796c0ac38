import {
  frontendPoolName,
  type PoolMemberSpec,
  refOf,
  type Resource,
  scopedName,
  specOf,
} from '@signalbox/contracts';
import { Children } from './children.js';

/** PoolMembers by the Pool that they join; a pool of a Frontend is the Pool that it stands for. */
export class PoolMembers extends Children {
  constructor() {
    super(poolOf);
  }
}

function poolOf(member: Resource): string {
  const { frontendRef = '', pool = '', poolRef } = specOf<PoolMemberSpec>(member);
  return scopedName(refOf(member).project, poolRef ?? frontendPoolName(frontendRef, pool));
}
