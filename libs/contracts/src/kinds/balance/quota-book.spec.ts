import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ResourceChange } from '../../records/journal-record.js';
import { keyOf, refKey, refOf, refText, type Resource } from '../../resource.js';
import { excessText, quotaError, QuotaBook, type QuotaScope } from './quota-book.js';
import { BALANCE_API } from './specs.js';
import type { QuotaKind, QuotaSpec } from './tenant-specs.js';

function resource(kind: string, name: string, spec: object = {}, project = 'default'): Resource {
  return { apiVersion: BALANCE_API, kind, metadata: { name, project }, spec: spec as Resource['spec'] };
}

const put = (one: Resource): ResourceChange => ({ op: 'put', resource: one });
const remove = (one: Resource): ResourceChange => ({ op: 'delete', ref: refOf(one) });
const pool = (name: string, project = 'web'): Resource => resource('Pool', name, {}, project);
const project = (name: string, org: string): Resource => resource('Project', name, { org });
const quota = (
  name: string,
  scope: Partial<QuotaSpec>,
  limits: Partial<Record<QuotaKind, number>>,
): Resource => resource('Quota', name, { ...scope, limits });
const WEB: QuotaScope = { kind: 'Project', name: 'web' };
const ACME: QuotaScope = { kind: 'Org', name: 'acme' };

function bookOf(...resources: readonly Resource[]): QuotaBook {
  const book = new QuotaBook();
  book.apply(resources.map(put));
  return book;
}

/** What a change would break, as `Quota limit used→wanted at resource`. */
function broken(book: QuotaBook, ...changes: readonly ResourceChange[]): string[] {
  return book
    .excesses(changes)
    .map(
      ({ quota: name, kind, limit, used, wanted, ref }) =>
        `${name} ${kind} ${limit}: ${used}→${wanted} at ${refText(ref)}`,
    );
}

describe('a quota', () => {
  it('counts each resource once, in its project only', () => {
    const book = bookOf(pool('a'), pool('a'), pool('b'), pool('a', 'shop'), resource('Node', 'n'));
    expect(book.use(WEB, 'Pool')).toBe(2);
    book.apply([remove(pool('a')), remove(pool('a')), remove(pool('never'))]);
    expect(book.use(WEB, 'Pool')).toBe(1);
    expect(book.use({ kind: 'Project', name: 'shop' }, 'Pool')).toBe(1);
    expect(book.use(WEB, 'Backend')).toBe(0);
  });

  it('of a project allows its limit and no more, and says what has no room', () => {
    const book = bookOf(quota('q', { project: 'web' }, { Pool: 2 }), pool('a'));
    expect(broken(book, put(pool('b')), put(pool('a')), put(pool('x', 'shop')))).toEqual([]);
    expect(broken(book, put(pool('b')), put(pool('c')), put(pool('d')))).toEqual([
      'q Pool 2: 1→4 at Pool/web/c',
    ]);
    expect(broken(book, put(pool('b')), put(pool('c')), remove(pool('a')))).toEqual([]);
    expect(broken(book, put(resource('Backend', 'x', {}, 'web')))).toEqual([]);
  });

  it('of an org is over the sum of its projects, together with those of the projects', () => {
    const book = bookOf(
      project('web', 'acme'),
      project('shop', 'acme'),
      project('other', 'beta'),
      quota('org', { org: 'acme' }, { Pool: 3 }),
      quota('web', { project: 'web' }, { Pool: 2 }),
      ...[pool('a'), pool('a', 'shop'), pool('b', 'shop'), pool('a', 'other')],
    );
    expect(book.use(ACME, 'Pool')).toBe(3);
    expect(broken(book, put(pool('b')))).toEqual(['org Pool 3: 3→4 at Pool/web/b']);
    expect(broken(book, put(pool('b')), put(pool('c')))).toEqual([
      'org Pool 3: 3→5 at Pool/web/b',
      'web Pool 2: 1→3 at Pool/web/c',
    ]);
    expect(broken(book, put(pool('b', 'other')))).toEqual([]);
    expect(broken(book, put(pool('b')), remove(pool('b', 'shop')))).toEqual([]);
  });

  it('that is lowered takes nothing away, and lets what is above it become less', () => {
    const book = bookOf(pool('a'), pool('b'), pool('c'), quota('q', { project: 'web' }, { Pool: 3 }));
    const lower = put(quota('q', { project: 'web' }, { Pool: 1 }));
    expect(broken(book, lower)).toEqual([]);
    expect(broken(book, lower, put(pool('d')))).toEqual(['q Pool 1: 3→4 at Pool/web/d']);
    book.apply([lower]);
    expect(broken(book, put(pool('a')))).toEqual([]);
    expect(broken(book, remove(pool('a')), put(pool('d')))).toEqual([]);
    expect(broken(book, remove(pool('a')))).toEqual([]);
    expect(broken(book, put(pool('d')))).toHaveLength(1);
  });

  it('holds as it is after the change that brings, raises or deletes it', () => {
    const book = bookOf(quota('q', { project: 'web' }, { Pool: 1 }), pool('a'));
    expect(broken(book, put(quota('q', { project: 'web' }, { Pool: 2 })), put(pool('b')))).toEqual([]);
    expect(broken(book, remove(quota('q', {}, {})), put(pool('b')))).toEqual([]);
    expect(broken(book, put(quota('q', { project: 'shop' }, { Pool: 0 })), put(pool('b')))).toEqual([]);
    expect(broken(book, put(quota('p', { project: 'shop' }, { Pool: 0 })), put(pool('b', 'shop')))).toEqual([
      'p Pool 0: 0→1 at Pool/shop/b',
    ]);
  });

  it('of an org counts a project that comes to it, and no longer one that has left', () => {
    const book = bookOf(
      project('web', 'acme'),
      quota('q', { org: 'acme' }, { Pool: 2 }),
      ...[pool('a'), pool('a', 'shop'), pool('b', 'shop')],
    );
    const comes = put(project('shop', 'acme'));
    expect(broken(book, comes)).toEqual(['q Pool 2: 1→3 at Project/shop']);
    expect(broken(book, comes, remove(pool('a')))).toEqual([]);
    expect(broken(book, comes, put(project('web', 'beta')))).toEqual([]);
    book.apply([put(project('web', 'beta')), comes]);
    expect(book.use(ACME, 'Pool')).toBe(2);
    expect([...book.projectsOf('acme')]).toEqual(['shop']);
    expect(book.ownerOf('web')).toBe('beta');
    book.apply([remove(project('shop', 'acme'))]);
    expect(book.use(ACME, 'Pool')).toBe(0);
    expect(book.ownerOf('shop')).toBeUndefined();
  });

  it('counts what others have beside it', () => {
    const book = bookOf(quota('q', { project: 'web' }, { Pool: 3 }), pool('a'));
    const beside = (name: string): number => (name === 'web' ? 2 : 0);
    expect(book.excesses([put(pool('b'))], beside)).toMatchObject([{ used: 3, wanted: 4 }]);
    expect(book.excesses([put(pool('b'))])).toEqual([]);
  });

  it('is told with its limit, the use, whose it is and where', () => {
    const book = bookOf(project('web', 'acme'), quota('q', { org: 'acme' }, { Pool: 0 }));
    const found = book.excesses([put(pool('b'))]);
    expect(found.map(excessText)).toEqual([
      'Quota/q allows 0 of kind Pool in org acme: there are 0, and with this there would be 1; delete some, or have the limit raised',
    ]);
    expect(quotaError(found, (ref, inside) => `/at/${ref.name}${inside}`)).toMatchObject({
      code: 'quota-exceeded',
      status: 403,
      errors: [{ pointer: '/at/b', message: expect.stringMatching(/^Pool\/web\/b: Quota\/q allows 0/) }],
    });
    expect(quotaError([], () => '')).toBeUndefined();
  });
});

describe('laws of quotas', () => {
  const projects = ['p', 'q', 'r'] as const;
  const orgs = ['x', 'y'] as const;
  const kinds = ['Pool', 'Backend'] as const;
  const limits = fc.record({ Pool: fc.nat(4), Backend: fc.nat(4) }, { requiredKeys: [] });
  const one: fc.Arbitrary<Resource> = fc
    .oneof(
      { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...kinds), fc.nat(6), fc.constantFrom(...projects)) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...projects), fc.constantFrom(...orgs)) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...projects), limits) },
      { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...orgs), limits) },
    )
    .map(toResource);
  const change = fc.tuple(one, fc.boolean()).map(([it, isPut]) => (isPut ? put(it) : remove(it)));
  const changeset = fc.uniqueArray(change, { maxLength: 6, selector: keyOfChange });

  function toResource(told: readonly unknown[]): Resource {
    if (told.length === 3) return resource(String(told[0]), `n${told[1]}`, {}, String(told[2]));
    const [name, last] = told;
    if (typeof last === 'string') return project(String(name), last);
    const scope = (orgs as readonly unknown[]).includes(name)
      ? { org: String(name) }
      : { project: String(name) };
    return quota(`of-${name}`, scope, last as Partial<Record<QuotaKind, number>>);
  }

  function keyOfChange(it: ResourceChange): string {
    return it.op === 'put' ? keyOf(it.resource) : refKey(it.ref);
  }

  /** The use of every scope, counted anew. */
  function usesOf(all: ReadonlyMap<string, Resource>): Map<string, number> {
    const owners = new Map<string, string>();
    for (const { kind, metadata, spec } of all.values())
      if (kind === 'Project') owners.set(metadata.name, String(spec['org']));
    const uses = new Map<string, number>();
    for (const { kind, metadata } of all.values()) {
      if (!(kinds as readonly string[]).includes(kind)) continue;
      const own = metadata.project!;
      for (const scope of [own, owners.get(own)].filter((name) => name !== undefined))
        uses.set(`${scope} ${kind}`, (uses.get(`${scope} ${kind}`) ?? 0) + 1);
    }
    return uses;
  }

  function limitsOf(all: ReadonlyMap<string, Resource>): [at: string, limit: number][] {
    return [...all.values()]
      .filter(({ kind }) => kind === 'Quota')
      .flatMap(({ spec }) => {
        const { org, project: own, limits: given } = spec as unknown as QuotaSpec;
        return Object.entries(given).map(([kind, limit]): [string, number] => [
          `${org ?? own} ${kind}`,
          limit,
        ]);
      });
  }

  it('what is taken is above a limit only where it was already, and what is refused would have risen above one', () => {
    fc.assert(
      fc.property(fc.array(changeset, { maxLength: 25 }), (changesets) => {
        const book = new QuotaBook();
        let all: ReadonlyMap<string, Resource> = new Map();
        for (const changes of changesets) {
          const after = new Map(all);
          for (const it of changes)
            if (it.op === 'put') after.set(keyOf(it.resource), it.resource);
            else after.delete(refKey(it.ref));
          const [was, is] = [usesOf(all), usesOf(after)];
          const rises = limitsOf(after).filter(
            ([at, limit]) => (is.get(at) ?? 0) > limit && (is.get(at) ?? 0) > (was.get(at) ?? 0),
          );
          const excesses = book.excesses(changes);
          expect(excesses).toHaveLength(rises.length);
          if (excesses.length > 0) continue;
          book.apply(changes);
          all = after;
          for (const kind of kinds) {
            for (const name of projects)
              expect(book.use({ kind: 'Project', name }, kind)).toBe(usesOf(all).get(`${name} ${kind}`) ?? 0);
            for (const name of orgs)
              expect(book.use({ kind: 'Org', name }, kind)).toBe(usesOf(all).get(`${name} ${kind}`) ?? 0);
          }
        }
      }),
    );
  });

  it('no sequence of changes ends above limits that stay as they are', () => {
    const resources = fc.uniqueArray(
      fc
        .tuple(
          fc.tuple(fc.constantFrom(...kinds), fc.nat(6), fc.constantFrom(...projects)).map(toResource),
          fc.boolean(),
        )
        .map(([it, isPut]) => (isPut ? put(it) : remove(it))),
      { maxLength: 6, selector: keyOfChange },
    );
    fc.assert(
      fc.property(limits, limits, fc.array(resources, { maxLength: 30 }), (ofOrg, ofProject, changesets) => {
        const fixed = [
          ...projects.map((name) => project(name, name === 'r' ? 'y' : 'x')),
          quota('of-x', { org: 'x' }, ofOrg),
          quota('of-p', { project: 'p' }, ofProject),
        ];
        const book = bookOf(...fixed);
        for (const changes of changesets) if (book.excesses(changes).length === 0) book.apply(changes);
        for (const kind of kinds) {
          const isWithin = (scope: QuotaScope, limit = Infinity) => book.use(scope, kind) <= limit;
          expect(isWithin({ kind: 'Org', name: 'x' }, ofOrg[kind])).toBe(true);
          expect(isWithin({ kind: 'Project', name: 'p' }, ofProject[kind])).toBe(true);
        }
      }),
    );
  });
});
