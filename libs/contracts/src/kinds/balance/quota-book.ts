import { CodedError } from '../../errors.js';
import type { ResourceChange } from '../../records/journal-record.js';
import { refKey, refOf, refText, type Resource, type ResourceRef } from '../../resource.js';
import { isOfKind } from '../kind.js';
import { specOf } from '../spec-of.js';
import { orgOf, PROJECT } from './project.js';
import { QUOTA } from './quota.js';
import { BALANCE_API } from './specs.js';
import { QUOTA_KINDS, type QuotaKind, type QuotaLimits, type QuotaSpec } from './tenant-specs.js';

/** What a quota is over: one project, or all projects of one org. */
export interface QuotaScope {
  readonly kind: 'Org' | 'Project';
  readonly name: string;
}

/** A limit that a change would break. */
export interface QuotaExcess {
  /** Name of the Quota. */
  readonly quota: string;
  readonly scope: QuotaScope;
  readonly kind: QuotaKind;
  readonly limit: number;
  /** How many there are before the change, and how many there would be after it. */
  readonly used: number;
  readonly wanted: number;
  /** The first of what the change brings that has no room. */
  readonly ref: ResourceRef;
}

/** How many resources of a kind a project has. */
export type UseOf = (project: string, kind: QuotaKind) => number;

/** A Quota in force. */
export interface QuotaInForce {
  readonly name: string;
  readonly scope: QuotaScope;
  readonly limits: QuotaLimits;
}

const NONE: UseOf = () => 0;

/**
 * Which project has how many resources of each kind, which org owns which project, and what is allowed: kept so that a
 * change costs what it touches, and the projects of the orgs that it touches. ADR 0029.
 */
export class QuotaBook {
  private readonly counted = new Set<string>();
  private readonly uses = new Map<string, Map<QuotaKind, number>>();
  private readonly owners = new Map<string, string>();
  private readonly owned = new Map<string, Set<string>>();
  private readonly quotas = new Map<string, QuotaInForce>();
  private readonly quotasByScope = new Map<string, Set<QuotaInForce>>();

  /** Takes over a change. The same change again changes nothing. */
  apply(changes: readonly ResourceChange[]): void {
    for (const change of changes) {
      const ref = refOfChange(change);
      if (isCounted(ref)) this.count(ref, change.op === 'put');
      else if (isOfKind(ref, PROJECT))
        this.give(ref.name, change.op === 'put' ? orgOf(change.resource) : undefined);
      else if (isOfKind(ref, QUOTA))
        this.limit(ref.name, change.op === 'put' ? quotaOf(change.resource) : undefined);
    }
  }

  /** How many resources of a kind a project has, or all projects of an org have. */
  use({ kind: scope, name }: QuotaScope, kind: QuotaKind, beside: UseOf = NONE): number {
    const projects = scope === 'Project' ? [name] : this.projectsOf(name);
    let sum = 0;
    for (const project of projects) sum += this.useOf(project, kind) + beside(project, kind);
    return sum;
  }

  /** Whether anything is limited. */
  get isLimiting(): boolean {
    return this.quotas.size > 0;
  }

  /** Quotas over one scope, in no order. */
  quotasOf(scope: QuotaScope): Iterable<QuotaInForce> {
    return this.quotasByScope.get(scopeKey(scope)) ?? [];
  }

  /** The org that owns a project; undefined for one that nobody declared. */
  ownerOf(project: string): string | undefined {
    return this.owners.get(project);
  }

  /** Names of the projects that an org owns, in no order. */
  projectsOf(org: string): Iterable<string> {
    return this.owned.get(org) ?? [];
  }

  /** Whether a resource that is counted is in the book. */
  has(ref: ResourceRef): boolean {
    return this.counted.has(refKey(ref));
  }

  /** How many resources of a kind one project has. */
  useOf(project: string, kind: QuotaKind): number {
    return this.uses.get(project)?.get(kind) ?? 0;
  }

  /**
   * Limits that a change would break: those above which the use is after it, and higher than before it. So a limit that was
   * lowered takes nothing away, and what is above it may become less. Limits hold as they are after the change. `beside` is
   * what others have of each kind in a project, which counts before and after. Changes nothing.
   */
  excesses(changes: readonly ResourceChange[], beside: UseOf = NONE): readonly QuotaExcess[] {
    const after = new AfterChange(this, changes);
    const found: QuotaExcess[] = [];
    for (const growth of after.growths())
      for (const { name, scope, limits } of after.quotasOf(growth.scope))
        for (const kind of growth.kinds) {
          const limit = limits[kind];
          if (limit === undefined) continue;
          const used = this.use(scope, kind, beside);
          const wanted = after.use(scope, kind, beside);
          if (wanted <= limit || wanted <= used) continue;
          const ref = firstBeyond(growth, kind, limit, wanted);
          found.push({ quota: name, scope, kind, limit, used, wanted, ref });
        }
    return found.sort((a, b) => compare(a.quota, b.quota) || compare(a.kind, b.kind));
  }

  private count(ref: CountedRef, isThere: boolean): void {
    if (this.has(ref) === isThere) return;
    if (isThere) this.counted.add(refKey(ref));
    else this.counted.delete(refKey(ref));
    const uses = this.uses.get(ref.project) ?? new Map<QuotaKind, number>();
    this.uses.set(ref.project, uses);
    const left = (uses.get(ref.kind) ?? 0) + (isThere ? 1 : -1);
    if (left > 0) uses.set(ref.kind, left);
    else uses.delete(ref.kind);
    if (uses.size === 0) this.uses.delete(ref.project);
  }

  private give(project: string, org: string | undefined): void {
    const before = this.owners.get(project);
    if (before !== undefined) removeFrom(this.owned, before, project);
    this.owners.delete(project);
    if (org === undefined) return;
    this.owners.set(project, org);
    addTo(this.owned, org, project);
  }

  private limit(name: string, quota: QuotaInForce | undefined): void {
    const before = this.quotas.get(name);
    if (before) removeFrom(this.quotasByScope, scopeKey(before.scope), before);
    this.quotas.delete(name);
    if (!quota) return;
    this.quotas.set(name, quota);
    addTo(this.quotasByScope, scopeKey(quota.scope), quota);
  }
}

type CountedRef = ResourceRef & { readonly kind: QuotaKind };

/** A scope that a change brings something. */
interface Growth {
  readonly scope: QuotaScope;
  readonly kinds: Set<QuotaKind>;
  /** What is new in its projects, in the order of the change. */
  readonly added: CountedRef[];
  /** Projects that come to it from elsewhere. */
  readonly arrived: ResourceRef[];
}

/** What a change makes of a book, without making it. */
class AfterChange {
  private readonly deltas = new Map<string, Map<QuotaKind, number>>();
  private readonly added: CountedRef[] = [];
  /** Projects that change hands. */
  private readonly moved = new Map<string, { readonly to: string | undefined; readonly ref: ResourceRef }>();
  private readonly newQuotas = new Map<string, QuotaInForce | undefined>();

  constructor(
    private readonly book: QuotaBook,
    changes: readonly ResourceChange[],
  ) {
    for (const change of changes) {
      const ref = refOfChange(change);
      const isPut = change.op === 'put';
      if (isCounted(ref)) this.note(ref, isPut);
      else if (isOfKind(ref, PROJECT)) {
        const to = isPut ? orgOf(change.resource) : undefined;
        if (book.ownerOf(ref.name) !== to) this.moved.set(ref.name, { to, ref });
      } else if (isOfKind(ref, QUOTA))
        this.newQuotas.set(ref.name, isPut ? quotaOf(change.resource) : undefined);
    }
  }

  /** Each scope that may have more than before, once. */
  growths(): Iterable<Growth> {
    const growths = new Map<string, Growth>();
    const growthOf = (scope: QuotaScope): Growth => {
      const known = growths.get(scopeKey(scope)) ?? { scope, kinds: new Set(), added: [], arrived: [] };
      growths.set(scopeKey(scope), known);
      return known;
    };
    for (const ref of this.added) {
      const org = this.ownerOf(ref.project);
      const scopes: QuotaScope[] = [{ kind: 'Project', name: ref.project }];
      if (org !== undefined) scopes.push({ kind: 'Org', name: org });
      for (const growth of scopes.map(growthOf)) {
        growth.kinds.add(ref.kind);
        growth.added.push(ref);
      }
    }
    for (const { to, ref } of this.moved.values()) {
      if (to === undefined) continue;
      const growth = growthOf({ kind: 'Org', name: to });
      growth.arrived.push(ref);
      for (const kind of QUOTA_KINDS) growth.kinds.add(kind);
    }
    return growths.values();
  }

  *quotasOf(scope: QuotaScope): Iterable<QuotaInForce> {
    for (const quota of this.book.quotasOf(scope)) if (!this.newQuotas.has(quota.name)) yield quota;
    for (const quota of this.newQuotas.values())
      if (quota && scopeKey(quota.scope) === scopeKey(scope)) yield quota;
  }

  use({ kind: scope, name }: QuotaScope, kind: QuotaKind, beside: UseOf): number {
    const projects = scope === 'Project' ? [name] : this.projectsOf(name);
    let sum = 0;
    for (const project of projects) {
      const delta = this.deltas.get(project)?.get(kind) ?? 0;
      sum += this.book.useOf(project, kind) + delta + beside(project, kind);
    }
    return sum;
  }

  private note(ref: CountedRef, isPut: boolean): void {
    if (this.book.has(ref) === isPut) return;
    if (isPut) this.added.push(ref);
    const deltas = this.deltas.get(ref.project) ?? new Map<QuotaKind, number>();
    deltas.set(ref.kind, (deltas.get(ref.kind) ?? 0) + (isPut ? 1 : -1));
    this.deltas.set(ref.project, deltas);
  }

  private ownerOf(project: string): string | undefined {
    const moved = this.moved.get(project);
    return moved ? moved.to : this.book.ownerOf(project);
  }

  private *projectsOf(org: string): Iterable<string> {
    for (const project of this.book.projectsOf(org)) if (!this.moved.has(project)) yield project;
    for (const [project, { to }] of this.moved) if (to === org) yield project;
  }
}

/** The first of what comes that has no room; a project that comes whole, when what is new in it would have had. */
function firstBeyond(
  { added, arrived }: Growth,
  kind: QuotaKind,
  limit: number,
  wanted: number,
): ResourceRef {
  const mine = added.filter((ref) => ref.kind === kind);
  const room = Math.max(0, limit - (wanted - mine.length));
  return (mine[room] ?? arrived[0] ?? mine.at(-1))!;
}

/** What a broken limit is told as. */
export function excessText({ quota, scope, kind, limit, used, wanted }: QuotaExcess): string {
  const where = `${scope.kind === 'Org' ? 'org' : 'project'} ${scope.name}`;
  return `Quota/${quota} allows ${limit} of kind ${kind} in ${where}: there are ${used}, and with this there would be ${wanted}; delete some, or have the limit raised`;
}

/** The error of a change that breaks limits, with a pointer to what has no room. `placeOf`: where something in a resource stands. */
export function quotaError(
  excesses: readonly QuotaExcess[],
  placeOf: (ref: ResourceRef, inside: string) => string,
): CodedError | undefined {
  const errors = excesses.map((excess) => ({
    pointer: placeOf(excess.ref, isOfKind(excess.ref, PROJECT) ? '/spec/org' : ''),
    message: `${refText(excess.ref)}: ${excessText(excess)}`,
  }));
  const [first] = errors;
  if (!first) return undefined;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return new CodedError('quota-exceeded', `${first.message}${more}`, errors);
}

function quotaOf(resource: Resource): QuotaInForce {
  const { org, project = '', limits } = specOf<QuotaSpec>(resource);
  const scope: QuotaScope =
    org === undefined ? { kind: 'Project', name: project } : { kind: 'Org', name: org };
  return { name: resource.metadata.name, scope, limits };
}

const COUNTED: ReadonlySet<string> = new Set(QUOTA_KINDS);

function isCounted(ref: ResourceRef): ref is CountedRef {
  return ref.apiVersion === BALANCE_API && COUNTED.has(ref.kind);
}

function refOfChange(change: ResourceChange): ResourceRef {
  return change.op === 'put' ? refOf(change.resource) : change.ref;
}

function scopeKey({ kind, name }: QuotaScope): string {
  return `${kind}/${name}`;
}

function addTo<T>(sets: Map<string, Set<T>>, key: string, value: T): void {
  sets.set(key, (sets.get(key) ?? new Set<T>()).add(value));
}

function removeFrom<T>(sets: Map<string, Set<T>>, key: string, value: T): void {
  const left = sets.get(key);
  left?.delete(value);
  if (left?.size === 0) sets.delete(key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
