import { Injectable } from '@nestjs/common';
import { type Condition, effectGaps, type Resource } from '@signalbox/contracts';

/** What the site says about resources: worked out anew with every answer, never stored with them. */
@Injectable()
export class ResourceConditions {
  /** The conditions of one resource, none when there is nothing to tell. */
  async of(resource: Resource): Promise<readonly Condition[]> {
    const [conditions = []] = await this.ofAll([resource]);
    return conditions;
  }

  /** The conditions of each of many resources, in their order. */
  ofAll(resources: readonly Resource[]): Promise<readonly (readonly Condition[])[]> {
    return Promise.resolve(resources.map(effectGaps));
  }
}
