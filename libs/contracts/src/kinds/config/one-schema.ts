import { keyOf, type Resource } from '../../resource.js';
import type { SetRule } from '../kind.js';
import { kindOf } from '../registry.js';
import { specOf } from '../spec-of.js';
import { describedKind, RESOURCE_SCHEMA, type ResourceSchemaSpec } from './resource-schema.js';

/** A kind has one ResourceSchema, and none when this version knows it. */
export const ONE_SCHEMA: SetRule = {
  about: [RESOURCE_SCHEMA],
  places(resource) {
    const described = describedKind(resource);
    return described === undefined ? [] : [`schema of ${described}`];
  },
  *near(schema, { at }) {
    for (const place of ONE_SCHEMA.places(schema)) yield* at(place);
  },
  over(resources) {
    const schemas = new Map<string, Resource[]>();
    for (const resource of resources) {
      const described = describedKind(resource);
      if (described === undefined) continue;
      const others = schemas.get(described);
      if (others) others.push(resource);
      else schemas.set(described, [resource]);
    }
    return (resource) => {
      const { apiVersion, kind } = specOf<ResourceSchemaSpec>(resource);
      if (kindOf(apiVersion, kind))
        return [{ pointer: '/spec/kind', message: `${kind} is known: this version checks it itself` }];
      const other = schemas
        .get(describedKind(resource) ?? '')
        ?.find((schema) => keyOf(schema) !== keyOf(resource));
      if (other === undefined) return [];
      const message = `${apiVersion} ${kind} has the ResourceSchema/${other.metadata.name} already`;
      return [{ pointer: '/spec/kind', message }];
    };
  },
};
