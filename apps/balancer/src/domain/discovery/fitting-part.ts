import { canonicalJson, type ErrorBody, keyOf, type PoolMemberSpec, specOf } from '@signalbox/contracts';
import type { SourceResource } from './source-state.js';

/** Annotation that names what a resource was made for: a Service, for one. Resources with the same value come and go together. */
export const MADE_FOR = 'signalbox.dev/kubernetes-service';

/** How many reasons a text has before it counts the rest. */
const TOLD = 3;

/** What became of a unit that does not fit: what was taken of it before stands in, or nothing does. */
interface Misfit {
  readonly instead: 'before' | 'nothing';
  readonly reason: string;
  /** What was refused: once the unit is another, that is tried. */
  readonly refused: string;
}

/**
 * What of a source fits into the config. A part is taken or refused as a whole, so what the refusal names is left out of the next
 * one, and nothing else: of each unit (what was made for one Service, or one Backend with its members) what was taken of it last
 * stands in, and nothing when that is refused as well, until the unit is another one. As it is a unit falls twice at most, so
 * proposing ends. ADR 0028.
 */
export class FittingPart {
  private taken: readonly SourceResource[];
  private last:
    | { readonly runId: string; readonly digest: string; readonly resources: readonly SourceResource[] }
    | undefined;
  /** Everything that the source has, as it was given last. */
  private offered: readonly SourceResource[] = [];
  private readonly misfits = new Map<string, Misfit>();

  /** `taken`: what the config has of the source. */
  constructor(taken: readonly SourceResource[]) {
    this.taken = taken;
  }

  /** Whether something is left out. */
  get isPartial(): boolean {
    return this.misfits.size > 0;
  }

  /** Of everything that a source has what may be proposed. */
  fit(resources: readonly SourceResource[]): readonly SourceResource[] {
    this.offered = resources;
    if (!this.isPartial) return resources;
    const units = unitsOf(resources);
    for (const [unit, { refused }] of this.misfits)
      if (textOf(units.get(unit)) !== refused) this.misfits.delete(unit);
    if (!this.isPartial) return resources;
    const before = unitsOf(this.taken);
    const fitting = new Map<string, SourceResource>();
    for (const [unit, own] of units) {
      const misfit = this.misfits.get(unit);
      const instead = misfit?.instead === 'before' ? (before.get(unit) ?? []) : [];
      for (const one of misfit ? instead : own) fitting.set(keyOf(one.resource), one);
    }
    return [...fitting.keys()].sort().map((key) => fitting.get(key)!);
  }

  /** This is proposed now; what is decided on an older proposal tells nothing any more. */
  proposed(runId: string, digest: string, resources: readonly SourceResource[]): void {
    this.last = { runId, digest, resources };
  }

  /** A proposal was taken: its digest, undefined when it is not the last one. */
  take(runId: string): string | undefined {
    if (this.last?.runId !== runId) return undefined;
    this.taken = this.last.resources;
    return this.last.digest;
  }

  /** A proposal was refused. Whether less of it may fit. */
  refuse(runId: string, { errors = [] }: ErrorBody): boolean {
    if (this.last?.runId !== runId) return false;
    const { resources } = this.last;
    // a unit of which several resources are refused falls once
    const refused = new Map<string, string>();
    for (const { pointer, message } of errors) {
      const at = /^\/resources\/(\d+)(?:\/|$)/.exec(pointer)?.[1];
      const named = at === undefined ? undefined : resources[Number(at)];
      for (const unit of named ? unitsWith(named, resources) : [])
        if (!refused.has(unit)) refused.set(unit, message);
    }
    const [before, offered] = [unitsOf(this.taken), unitsOf(this.offered)];
    let fell = false;
    for (const [unit, reason] of refused) {
      const known = this.misfits.get(unit);
      if (known?.instead === 'nothing') continue;
      const instead = !known && before.has(unit) ? 'before' : 'nothing';
      this.misfits.set(unit, { instead, reason, refused: textOf(offered.get(unit)) });
      fell = true;
    }
    return fell;
  }

  /** Everything is tried again. */
  retry(): void {
    this.misfits.clear();
  }

  /** Why something is left out, for people. */
  get reason(): string {
    const reasons = [...new Set(Array.from(this.misfits.values(), ({ reason }) => reason))];
    const more = reasons.length - TOLD;
    return `${reasons.slice(0, TOLD).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
  }
}

function textOf(unit: readonly SourceResource[] = []): string {
  return canonicalJson(unit.map(({ resource }) => resource));
}

/** What comes and goes together. A Backend stands with each member that needs it. */
function unitsOf(resources: readonly SourceResource[]): Map<string, SourceResource[]> {
  const units = new Map<string, SourceResource[]>();
  const add = (unit: string, one: SourceResource): void => {
    const own = units.get(unit);
    if (own) own.push(one);
    else units.set(unit, [one]);
  };
  const { ofPool, backends } = placesOf(resources);
  for (const one of resources) {
    const { kind, metadata } = one.resource;
    if (kind === 'Backend') continue;
    if (kind !== 'PoolMember') {
      add(metadata.annotations?.[MADE_FOR] ?? '', one);
      continue;
    }
    const { backendRef } = specOf<PoolMemberSpec>(one.resource);
    const unit = unitOfMember(one, ofPool);
    add(unit, one);
    const backend = backends.get(backendRef);
    if (backend) add(unit, backend);
  }
  return units;
}

/** The units that a resource of a part belongs to. */
function unitsWith({ resource }: SourceResource, resources: readonly SourceResource[]): Set<string> {
  const { ofPool } = placesOf(resources);
  const { kind, metadata } = resource;
  if (kind !== 'Backend' && kind !== 'PoolMember') return new Set([metadata.annotations?.[MADE_FOR] ?? '']);
  const members = resources.filter(
    (one) =>
      one.resource.kind === 'PoolMember' &&
      (one.resource === resource || specOf<PoolMemberSpec>(one.resource).backendRef === metadata.name),
  );
  return new Set(members.map((member) => unitOfMember(member, ofPool)));
}

interface Places {
  /** Pool that the source brings → what it was made for. */
  readonly ofPool: ReadonlyMap<string, string>;
  readonly backends: ReadonlyMap<string, SourceResource>;
}

function placesOf(resources: readonly SourceResource[]): Places {
  const ofPool = new Map<string, string>();
  const backends = new Map<string, SourceResource>();
  for (const one of resources) {
    const { kind, metadata } = one.resource;
    if (kind === 'Pool') ofPool.set(metadata.name, metadata.annotations?.[MADE_FOR] ?? '');
    else if (kind === 'Backend') backends.set(metadata.name, one);
  }
  return { ofPool, backends };
}

/** A member of a pool that an operator declares stands for itself, with its Backend. */
function unitOfMember({ resource }: SourceResource, ofPool: ReadonlyMap<string, string>): string {
  const { poolRef = '', backendRef } = specOf<PoolMemberSpec>(resource);
  return ofPool.get(poolRef) ?? `Backend/${backendRef}`;
}
