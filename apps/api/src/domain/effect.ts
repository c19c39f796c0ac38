import {
  BALANCE_API,
  type ConfigPlan,
  type ErrorCode,
  type FrontendPlan,
  holderOf,
  type PartRef,
  type PlannedVersion,
  type QuarantinedPart,
  readScopedName,
  type ResourceChange,
  type ResourceRef,
  type ServiceName,
  type TargetPlan,
  type VipPlan,
  type WeightPlan,
  type WeightWarning,
  type WithdrawnPart,
} from '@signalbox/contracts';
import { diffFields, type FieldChange } from './field-diff.js';
import { type SuppressedItem, suppressedItem } from './suppressed.js';

/** What a change would lead to, as answers tell it. A part is absent when the service that knows it did not answer. */
export interface Effect {
  readonly effective?: EffectiveEffect;
  readonly weights?: WeightEffect;
  readonly unanswered: readonly Unanswered[];
}

/** Why a service did not say what would follow. */
export interface Unanswered {
  readonly service: Extract<ServiceName, 'renderer' | 'health' | 'balancer'>;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What the effective config would be, against a generation. */
export interface EffectiveEffect {
  readonly generation: number;
  readonly revision: number;
  readonly changes: readonly EffectiveChange[];
  readonly quarantined: readonly QuarantinedPart[];
  readonly restored: readonly QuarantinedPart[];
  readonly masked: readonly SuppressedItem[];
  readonly shown: readonly ResourceRef[];
  readonly withdrawn: readonly WithdrawnPart[];
  readonly undecided: readonly ResourceRef[];
}

/** What would become of one resource of the effective config. */
export interface EffectiveChange extends ResourceRef {
  readonly action: 'added' | 'changed' | 'removed';
  /** Source of the part that it stems from; absent: people declared it. */
  readonly source?: string;
  readonly fields?: readonly FieldChange[];
}

/** What would become of weights. */
export interface WeightEffect {
  readonly frontends: readonly FrontendEffect[];
  readonly vips: readonly VipEffect[];
  readonly warnings: readonly WeightWarningItem[];
}

type InProject<T> = Omit<T, 'frontend'> & { readonly project: string; readonly frontend: string };

/** A frontend or listener by its name and project. */
export type FrontendEffect = InProject<FrontendPlan>;
export type WeightWarningItem = InProject<WeightWarning>;

/** A VIP that would be given back or asked for, by who holds it. */
export type VipEffect = Omit<VipPlan, 'holder'> & Pick<ResourceRef, 'kind' | 'project' | 'name'>;

/** Nothing that balances traffic would be another. */
export const NO_WEIGHTS: WeightEffect = { frontends: [], vips: [], warnings: [] };

/** What `renderer` planned, field by field. */
export function effectiveEffect({ versions, masked, ...plan }: ConfigPlan): EffectiveEffect {
  return { ...plan, changes: versions.map(changeOf), masked: masked.map(suppressedItem) };
}

function changeOf({ before, after, part, ...ref }: PlannedVersion): EffectiveChange {
  const source = sourceOf(part);
  if (before === undefined) return { action: 'added', ...ref, ...source };
  if (after === undefined) return { action: 'removed', ...ref, ...source };
  return { action: 'changed', ...ref, ...source, fields: diffFields(before, after) };
}

function sourceOf(part: PartRef | undefined): { readonly source?: string } {
  return part ? { source: part.source } : {};
}

/** What `balancer` is to be asked about: the planned changes of what balances traffic, in the order in which it would follow them. */
export function trafficChanges({ versions }: ConfigPlan): ResourceChange[] {
  const ours = versions.filter(({ apiVersion }) => apiVersion === BALANCE_API);
  const put = ours.flatMap(({ after }) => after ?? []);
  const gone = ours.filter(({ after }) => after === undefined);
  return [
    ...put.map((resource): ResourceChange => ({ op: 'put', resource })),
    ...gone.map(({ apiVersion, kind, project, name }): ResourceChange => {
      return { op: 'delete', ref: { apiVersion, kind, project, name } };
    }),
  ];
}

/** What `balancer` planned, by the names that people use. */
export function weightEffect({ frontends, vips, warnings }: WeightPlan): WeightEffect {
  return {
    frontends: frontends.map(({ frontend, targets, ...plan }) => ({
      ...named(frontend),
      ...plan,
      targets: targets.map((target): TargetPlan => {
        return { ...target, backend: readScopedName(target.backend).name };
      }),
    })),
    vips: vips.map(({ holder, ...plan }) => {
      const { kind, name } = holderOf(holder);
      return { ...plan, kind, ...readScopedName(name) };
    }),
    warnings: warnings.map(({ frontend, ...warning }) => ({ ...named(frontend), ...warning })),
  };
}

function named(frontend: string): { readonly project: string; readonly frontend: string } {
  const { project, name } = readScopedName(frontend);
  return { project, frontend: name };
}

/**
 * The effect on one project. Parts are of the site and may bring things for any project: what they bring here is told, they are not.
 * ADR 0029.
 */
export function inProject({ effective, weights, unanswered }: Effect, project: string): Effect {
  const isHere = (one: { readonly project: string }): boolean => one.project === project;
  return {
    ...(effective && {
      effective: {
        generation: effective.generation,
        revision: effective.revision,
        changes: effective.changes.filter(isHere).map(({ source: _ofSite, ...change }) => change),
        ...{ quarantined: [], restored: [], masked: [], withdrawn: [] },
        shown: effective.shown.filter(isHere),
        undecided: effective.undecided.filter(isHere),
      },
    }),
    ...(weights && {
      weights: {
        frontends: weights.frontends.filter(isHere),
        vips: weights.vips.filter(isHere),
        warnings: weights.warnings.filter(isHere),
      },
    }),
    unanswered,
  };
}
