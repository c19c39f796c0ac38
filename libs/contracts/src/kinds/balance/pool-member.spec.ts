import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { poolMemberName } from './pool-member.js';
import type { PoolMemberSpec } from './specs.js';

describe('the name of a PoolMember', () => {
  it.each<[PoolMemberSpec, string]>([
    [{ frontendRef: 'web', pool: 'primary', backendRef: 'n1' }, 'web/n1'],
    [{ frontendRef: 'a/b', pool: 'primary', backendRef: 'c' }, 'a~1b/c'],
    [{ frontendRef: 'a', pool: 'primary', backendRef: 'b/c' }, 'a/b~1c'],
    [{ frontendRef: 'a~1b', pool: 'primary', backendRef: 'c' }, 'a~01b/c'],
    [{ frontendRef: 'pool', pool: 'web', backendRef: 'n1' }, 'pool/n1'],
    [{ poolRef: 'web', backendRef: 'n1' }, 'pool/web/n1'],
    [{ poolRef: 'a/b', backendRef: 'c~' }, 'pool/a~1b/c~0'],
  ])('of %j is %s', (spec, name) => {
    expect(poolMemberName(spec)).toBe(name);
  });

  it('is that of no other pair', () => {
    const name = fc.string({
      unit: fc.constantFrom('a', '/', '~', '0', '1', 'pool'),
      minLength: 1,
      maxLength: 5,
    });
    const pair = fc.oneof(
      fc.record({ frontendRef: name, backendRef: name }),
      fc.record({ poolRef: name, backendRef: name }),
    );
    fc.assert(
      fc.property(pair, pair, (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b);
        expect(poolMemberName(a) === poolMemberName(b)).toBe(isSame);
      }),
      { numRuns: 1000 },
    );
  });
});
