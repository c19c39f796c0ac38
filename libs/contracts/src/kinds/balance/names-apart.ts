import { keyOf, refOf, refText, type Resource } from '../../resource.js';
import { isOfKind, type SetRule } from '../kind.js';
import { compileFrontend } from './compile-frontend.js';
import { FRONTEND } from './frontend.js';
import { LISTENER } from './listener.js';
import { LOAD_BALANCER } from './load-balancer.js';
import { POOL } from './pool.js';

const DECLARED = [LOAD_BALANCER, LISTENER, POOL];

/**
 * What a Frontend is compiled into has names that nothing else has: records and metrics know listeners by name only,
 * whatever declares them. ADR 0023.
 */
export const NAMES_APART: SetRule = {
  about: [FRONTEND, ...DECLARED],
  places(resource) {
    return isOfKind(resource, FRONTEND) ? partsOf(resource).map((part) => standsFor(keyOf(part))) : [];
  },
  *near(resource, { at, lookupOf }) {
    if (!isOfKind(resource, FRONTEND)) return yield* at(standsFor(keyOf(resource)));
    for (const { apiVersion, kind, metadata } of partsOf(resource)) {
      const declared = lookupOf(resource)(apiVersion, kind, metadata.name);
      if (declared) yield declared;
    }
  },
  over(resources) {
    const declared = new Map<string, Resource>();
    const compiled = new Map<string, Resource>();
    for (const resource of resources) {
      if (DECLARED.some((kind) => isOfKind(resource, kind))) declared.set(keyOf(resource), resource);
      if (!isOfKind(resource, FRONTEND)) continue;
      for (const part of partsOf(resource)) compiled.set(keyOf(part), resource);
    }
    return (resource) => {
      const frontend = compiled.get(keyOf(resource));
      if (frontend) {
        const message = `${refText(refOf(frontend))} stands for a ${resource.kind} of this name: choose another`;
        return [{ pointer: '/metadata/name', message }];
      }
      if (!isOfKind(resource, FRONTEND)) return [];
      const taken = partsOf(resource).find((part) => declared.has(keyOf(part)));
      if (!taken) return [];
      const message = `stands for ${refText(refOf(taken))}, which is declared already: choose another name`;
      return [{ pointer: '/metadata/name', message }];
    };
  },
};

function standsFor(key: string): string {
  return `stands for ${key}`;
}

function partsOf(frontend: Resource): readonly Resource[] {
  const { loadBalancer, listener, pools } = compileFrontend(frontend);
  return [listener, loadBalancer, ...pools.map(({ resource }) => resource)];
}
