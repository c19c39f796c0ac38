import { Injectable } from '@nestjs/common';
import {
  COMMAND_WAIT_MS,
  type Condition,
  DEFAULT_PROJECT,
  ownConditions,
  parseDuration,
  refOf,
  type Resource,
  type ResourceRef,
  ROUTER_API,
  WITHOUT_EFFECT,
} from '@signalbox/contracts';
import { isUnavailable } from '@signalbox/store';
import type { Effect } from '../domain/effect.js';
import type { GivenDocument, PlannedChange } from '../domain/plan-changeset.js';
import { EffectiveConfigReader } from '../reads/effective-config.reader.js';
import { Consequences } from './consequences.js';
import { Effects } from './effects.js';
import { PluginWarnings } from './plugin-warnings.js';
import type { Decided } from './resource-journal.js';

/** Something given that was accepted and does not do what it says: a condition of a resource, or part of a bundle. */
export interface ApplyWarning extends ResourceRef {
  /** JSON Pointer into the resource or bundle, empty when it is about the whole. */
  readonly pointer: string;
  readonly reason: string;
  readonly message: string;
}

/** What became of a change. `waitingFor` names who has not followed yet; `pending` says that there are such. */
export interface ApplyResult {
  readonly revision: number;
  readonly changed: boolean;
  readonly dryRun: boolean;
  readonly pending: boolean;
  readonly waitingFor: readonly string[];
  readonly generation: number;
  readonly plan: readonly PlannedChange[];
  readonly warnings: readonly ApplyWarning[];
  /** Of a dry run. */
  readonly effect?: Effect;
}

/** How a decided change is answered. */
export interface Answering {
  readonly given: readonly GivenDocument[];
  readonly dryRun?: boolean;
  /** How long the answer waits for what follows, as a duration; absent: COMMAND_WAIT_MS. */
  readonly wait?: string;
  /** The effect on this project only. */
  readonly project?: string;
}

/** Tells people what became of a change, or what would: the plan, what follows from it, and what it does not do. */
@Injectable()
export class ApplyAnswers {
  private lastGeneration = 0;

  constructor(
    private readonly consequences: Consequences,
    private readonly effectiveConfig: EffectiveConfigReader,
    private readonly plugins: PluginWarnings,
    private readonly effects: Effects,
  ) {}

  /** When a stored change is readable or the wait is over; of a dry run, when everybody has said what it would do. */
  async of(decided: Decided, { given, dryRun = false, wait, project }: Answering): Promise<ApplyResult> {
    const { plan, revision, appended } = decided;
    const waitMs = wait === undefined ? COMMAND_WAIT_MS : parseDuration(wait);
    const waitingFor = appended ? await this.consequences.ofChangeset(revision, waitMs) : [];
    const [generation, warnings, effect] = await Promise.all([
      this.generation(appended),
      this.warnings(given),
      dryRun ? this.effects.of(decided, project) : undefined,
    ]);
    return {
      revision,
      changed: plan.some(({ action }) => action !== 'unchanged'),
      dryRun,
      pending: waitingFor.length > 0,
      waitingFor,
      generation,
      plan,
      warnings: [...warnings, ...plan.flatMap(chainWarnings)],
      ...(effect && { effect }),
    };
  }

  private async warnings(given: readonly GivenDocument[]): Promise<ApplyWarning[]> {
    const resources = given.flatMap((document) => document.resources.map(({ resource }) => resource));
    return [
      ...given.flatMap(bundleWarnings),
      ...resources.flatMap((resource) => conditionWarnings(resource, ownConditions(resource))),
      ...(await this.plugins.of(resources)),
    ];
  }

  /** A change that is stored is answered as such, also while Postgres is away: with the last generation seen. */
  private async generation(appended: boolean): Promise<number> {
    try {
      this.lastGeneration = await this.effectiveConfig.newestGeneration();
    } catch (error) {
      if (!appended || !isUnavailable(error)) throw error;
    }
    return this.lastGeneration;
  }
}

function conditionWarnings(resource: Resource, conditions: readonly Condition[]): ApplyWarning[] {
  return conditions
    .filter(({ status }) => status === 'True')
    .map(({ pointer = '', reason, message }) => ({ ...refOf(resource), pointer, reason, message }));
}

/** One name is taken over from, not a chain of them. ADR 0039. */
function chainWarnings(change: PlannedChange): ApplyWarning[] {
  const { renamedFrom, renamedTo, apiVersion, kind, project, name } = change;
  if (renamedFrom === undefined || renamedTo === undefined || renamedFrom === renamedTo) return [];
  const message = `took over from ${renamedFrom} itself: ${renamedTo} takes over what ${name} made, and what still stands of ${renamedFrom} is withdrawn`;
  const pointer = '/metadata/renamedFrom';
  return [{ apiVersion, kind, project, name, pointer, reason: 'chain-of-renames', message }];
}

function bundleWarnings({ set = '', withoutEffect = [] }: GivenDocument): ApplyWarning[] {
  const name = set.slice(set.indexOf('Router/') + 'Router/'.length);
  const bundle = { apiVersion: ROUTER_API, kind: 'Router', project: DEFAULT_PROJECT, name };
  return withoutEffect.map((gap) => ({ ...bundle, ...gap, reason: WITHOUT_EFFECT }));
}
