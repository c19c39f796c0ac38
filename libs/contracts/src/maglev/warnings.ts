import type { Document } from '../document.js';
import type { FieldError } from '../errors.js';
import { pointerIn } from '../document.js';
import { BACKEND } from '../kinds/balance/backend.js';
import { FRONTEND, inlineMembers } from '../kinds/balance/frontend.js';
import { HEALTH_CHECK } from '../kinds/balance/health-check.js';
import type { BackendSpec, FrontendSpec } from '../kinds/balance/specs.js';
import { isOfKind } from '../kinds/kind.js';
import { specOf } from '../kinds/spec-of.js';
import type { Resource } from '../resource.js';

/** What a maglev.yaml may well say, but hardly means; pointers start at the file. Reference maglev 2.8. */
export function maglevWarnings(document: Document, resources: readonly Resource[]): readonly FieldError[] {
  const frontends = resources.filter((resource) => isOfKind(resource, FRONTEND)).map(specOf<FrontendSpec>);
  const backends = resources.filter((resource) => isOfKind(resource, BACKEND)).map(specOf<BackendSpec>);
  const used = new Set([
    ...frontends.flatMap((frontend) => inlineMembers(frontend).map(({ backend }) => backend)),
    ...backends.flatMap(({ dependsOn = [] }) => dependsOn),
  ]);
  const checks = new Set(backends.map(({ healthcheck }) => healthcheck));
  return resources.flatMap((resource, at): readonly FieldError[] => {
    const { name } = resource.metadata;
    if (isOfKind(resource, BACKEND) && !used.has(name))
      return [{ pointer: pointerIn(document, at), message: 'is in no pool of a frontend' }];
    if (isOfKind(resource, HEALTH_CHECK) && !checks.has(name))
      return [{ pointer: pointerIn(document, at), message: 'is the healthcheck of no backend' }];
    if (isOfKind(resource, FRONTEND) && firstPoolWeight(specOf<FrontendSpec>(resource)) === 0) {
      const pointer = pointerIn(document, at, '/spec/pools/0/backends');
      return [{ pointer, message: 'all have weight 0: the first pool gets no traffic' }];
    }
    return [];
  });
}

function firstPoolWeight({ pools }: FrontendSpec): number {
  return inlineMembers({ address: '', pools: pools.slice(0, 1) }).reduce(
    (sum, { weight }) => sum + weight,
    0,
  );
}
