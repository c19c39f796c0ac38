import { describe, expect, it } from '@jest/globals';
import { lookupFor, referenceErrors } from '../references.js';
import { keyOf, refKey, type Resource } from '../resource.js';
import { samples } from './sample-resources.fixture.js';

/** Keys that a resource asks for, and what it then says is missing, when `find` is all that is there. */
function asked(
  resource: Resource,
  find: (key: string) => Resource | undefined,
): { keys: Set<string>; missing: string[] } {
  const keys = new Set<string>();
  const lookup = lookupFor(resource, (key) => {
    keys.add(key);
    return find(key);
  });
  const missing = referenceErrors(resource, lookup).flatMap((error) =>
    error.missing ? [refKey(error.missing)] : [],
  );
  return { keys, missing };
}

describe('what a resource refers to', () => {
  const all = new Map(samples().map((resource) => [keyOf(resource), resource]));

  it.each(samples().map((resource) => [resource.kind, resource] as const))(
    'of %s is asked for also when nothing is there, which the merge goes by (ADR 0031)',
    (_kind, resource) => {
      const direct = asked(resource, () => undefined).keys;
      const needed = [...all.keys()].filter((gone) => {
        const { missing } = asked(resource, (key) => (key === gone ? undefined : all.get(key)));
        return missing.includes(gone);
      });
      expect([...direct]).toEqual(expect.arrayContaining(needed));
    },
  );

  it('is something for most kinds that can refer', () => {
    const referring = samples().filter((resource) => asked(resource, () => undefined).keys.size > 0);
    expect(referring.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining([
        'EventPeer',
        'RemoteAddressClaim',
        'Listener',
        'Pool',
        'PoolMember',
        'Backend',
      ]),
    );
  });
});
