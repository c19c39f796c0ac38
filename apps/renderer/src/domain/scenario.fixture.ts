import {
  type Changeset,
  type Directive,
  type EffectiveRecord,
  formatTime,
  lineageOf,
  type Part,
  type PartRecord,
  type Resource,
  type RunFact,
  sha256Hex,
  subscriptionOwner,
  withProvenance,
} from '@signalbox/contracts';
import { ConfigModel } from './config-model.js';
import { type EndedRun, proposalOfRun } from './decide-proposal.js';
import { type Logged, snapshotOf } from './history.fixture.js';
import { EMPTY_SNAPSHOT, type ModelSnapshot } from './model-snapshot.js';
import { type MergeRules, partDigest } from './part-content.js';
import { identity, RULES } from './resources.fixture.js';

const ORIGIN = 'edge-1';
const GROUP = 'default';
const START_MS = Date.parse('2026-05-30T12:00:00Z');

/** Something that happens to a site; returns the part records decided because of it, in order. */
export type Happening = (site: Scenario) => readonly PartRecord[];

export interface Proposal {
  /** Subscription. */
  readonly by: string;
  /** Fact keys of the run's facts. */
  readonly about?: readonly string[];
  readonly subject?: string;
  readonly resources: readonly Resource[];
  readonly directives?: readonly Directive[];
  readonly ttlMs?: number;
}

export function lineage(factKey: string): string {
  return lineageOf(ORIGIN, factKey);
}

/** Where the part of a proposal stands: owner and hash of its lineages. */
export function sourceOf({ by, about = ['a'] }: Pick<Proposal, 'by' | 'about'>): string {
  const lineages = [...new Set(about.map(lineage))].sort();
  return `${subscriptionOwner(by)}/${sha256Hex(lineages.join('\n')).slice(0, 16)}`;
}

export function endedRun(proposal: Proposal, nowMs: number, runId = 'run-1'): EndedRun {
  const { by, about = ['a'], subject = '', resources, directives = [], ttlMs = 60_000 } = proposal;
  const facts = about.map((factKey, seq): RunFact => ({
    seq,
    id: `${runId}-${factKey}`,
    origin: ORIGIN,
    factKey,
    subject,
  }));
  return {
    type: 'ended',
    at: formatTime(nowMs),
    outcome: 'proposed',
    order: {
      runId,
      attempt: 1,
      subscription: by,
      plugin: 'planner',
      group: GROUP,
      revision: 1,
      source: sourceOf(proposal),
      facts,
      retry: { maxAttempts: 1, backoffMs: 0, maxBackoffMs: 0 },
    },
    part: {
      observedAt: formatTime(nowMs),
      expiresAt: formatTime(nowMs + ttlMs),
      resources,
      directives,
      actionPlans: [],
    },
  };
}

export function proposed(proposal: Proposal): Happening {
  return (site) => {
    const ended = endedRun(proposal, site.nowMs, `run-${site.log.length}`);
    const record = site.model.decideProposal(proposalOfRun(ended)!, site.cause(), site.nowMs);
    return record === undefined ? [] : [record];
  };
}

/** A part that was accepted without being checked, as an older version with laxer rules might have. */
export function imposed(proposal: Proposal): Happening {
  return (site) => {
    const { order, part: content } = endedRun(proposal, site.nowMs, `run-${site.log.length}`);
    const { retry: _retry, ...identity } = order;
    const owner = subscriptionOwner(proposal.by);
    const { resources, directives } = proposal;
    const part: Part = {
      ...identity,
      ...content!,
      owner,
      generation: site.model.lastGeneration(order.source) + 1,
      resources: resources.map((resource) =>
        withProvenance(resource, { owner, group: GROUP, facts: order.facts }),
      ),
      digest: partDigest({ resources, directives: directives ?? [] }),
    };
    return [{ type: 'accepted', at: formatTime(site.nowMs), cause: site.cause(), part, supersedes: [] }];
  };
}

export function declared(...resources: readonly Resource[]): Happening {
  return changed(resources.map((resource) => ({ op: 'put', resource })));
}

export function deleted(...resources: readonly Resource[]): Happening {
  return changed(resources.map((resource) => ({ op: 'delete', ref: identity(resource) })));
}

export function changed(changes: Changeset['changes']): Happening {
  return (site) => {
    site.apply({ author: 'ann', message: '', at: formatTime(site.nowMs), changes });
    return [];
  };
}

export function timePassed(ms: number): Happening {
  return (site) => {
    site.nowMs += ms;
    return site.model.decideExpiries(site.nowMs);
  };
}

export function withdrawn(by: string, about?: readonly string[]): Happening {
  return (site) => {
    const at = formatTime(site.nowMs);
    const lineages = about && { lineages: about.map(lineage) };
    const record = {
      type: 'withdrawn' as const,
      at,
      owner: subscriptionOwner(by),
      dueAt: at,
      reason: 'rule gone',
    };
    return site.model.decideWithdrawal({ ...record, ...lineages }, site.cause(), site.nowMs);
  };
}

/** The service was killed and starts again from its tables. */
export function restarted(): Happening {
  return (site) => {
    site.model = new ConfigModel(snapshotOf(site.log), site.rules);
    return [];
  };
}

/** A site as the service drives it: what is decided is appended and applied, everything is kept in one log. */
export class Scenario {
  readonly log: Logged[] = [];
  model: ConfigModel;
  nowMs = START_MS;
  private revision: number;

  constructor(
    snapshot: ModelSnapshot = EMPTY_SNAPSHOT,
    /** Those of the next start. */
    public rules: MergeRules = RULES,
  ) {
    this.model = new ConfigModel(snapshot, rules);
    this.revision = snapshot.revision;
  }

  /** Lets it happen with all its consequences, and returns the records these made. */
  when(happening: Happening): readonly (PartRecord | EffectiveRecord)[] {
    const before = this.log.length;
    this.applyParts(happening(this));
    this.applyParts(this.model.decideQuarantine(this.cause(), this.nowMs));
    for (const record of this.model.decideEffective(this.cause(), this.nowMs)) {
      this.model.applyEffective(record);
      this.log.push({ effective: record });
    }
    return this.log.slice(before).flatMap((entry): (PartRecord | EffectiveRecord)[] => {
      if ('part' in entry) return [entry.part];
      return 'effective' in entry ? [entry.effective] : [];
    });
  }

  apply(changeset: Changeset): void {
    this.revision += 1;
    this.model.applyChangeset(this.revision, changeset);
    this.log.push({ revision: this.revision, changeset });
  }

  cause(): { stream: string; seq: number } {
    return { stream: 'ACTIVITY', seq: this.log.length };
  }

  /** `Kind/name` of everything in the effective config. */
  names(): string[] {
    return this.model.render().map(({ resource }) => `${resource.kind}/${resource.metadata.name}`);
  }

  private applyParts(records: readonly PartRecord[]): void {
    for (const part of records) {
      this.model.applyPart(part);
      this.log.push({ part });
    }
  }
}

export function given(...happenings: readonly Happening[]): Scenario {
  const site = new Scenario();
  for (const happening of happenings) site.when(happening);
  return site;
}
