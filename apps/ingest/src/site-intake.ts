import { Inject, Injectable } from '@nestjs/common';
import { Bus, ensureStream, factsDefinition } from '@signalbox/bus';
import {
  CodedError,
  type EventGroupSpec,
  type Fact,
  type FactWay,
  type IntakeRecord,
  normalizeFact,
  readOriginSequence,
  SUBJECTS,
} from '@signalbox/contracts';
import { Clock, LOG, type Log, SITE_CONFIG, type SiteConfig } from '@signalbox/runtime';
import { factsProjection, Projector } from '@signalbox/store';
import { DataSource } from 'typeorm';
import { contentConflict } from './domain/decide-fact.js';
import { refuseForeignBody } from './domain/foreign-envelope.js';
import { checkLocalFact } from './domain/local-offer.js';
import { type FactAnswer, FactIntake, type FactOffer, type IntakeResult } from './fact-intake.js';
import { GroupIntake } from './group-intake.js';
import { OfferTelling } from './offer-telling.js';

interface Group {
  readonly intake: GroupIntake;
  readonly projector: Projector;
  spec: EventGroupSpec;
  declared: boolean;
}

/** Refusals that people should be able to look up later. */
const RECORDED: Record<string, IntakeRecord['type']> = {
  'content-conflict': 'conflict',
  'origin-conflict': 'conflict',
  replay: 'replay',
};

/** Accepts the facts of all declared groups of the site. */
@Injectable()
export class SiteIntake extends FactIntake {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly bus: Bus,
    private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly telling: OfferTelling,
    @Inject(LOG) private readonly log: Log,
    @Inject(SITE_CONFIG) private readonly config: SiteConfig,
  ) {
    super();
  }

  /** Brings the groups in line with what is declared. A deleted group refuses facts; its stream stays. */
  async declare(groups: ReadonlyMap<string, EventGroupSpec>): Promise<void> {
    for (const [name, group] of this.groups) group.declared = groups.has(name);
    for (const [name, spec] of groups) {
      const known = this.groups.get(name);
      if (known) known.spec = spec;
      else this.groups.set(name, await this.open(name, spec));
    }
  }

  /** Facts in line, of the group where most are. */
  get mostWaiting(): number {
    return Math.max(0, ...[...this.groups.values()].map(({ intake }) => intake.waiting));
  }

  /** Facts of all groups that their table does not show yet. */
  get remembered(): number {
    return [...this.groups.values()].reduce((sum, { intake }) => sum + intake.remembered, 0);
  }

  offer(offer: FactOffer, answer: FactAnswer): void {
    const { way } = offer;
    const story = this.telling.begin(offer.group, way);
    const end = (outcome: string, error?: unknown): void =>
      story.end(outcome, this.groups.has(offer.group), error);
    const refused = (error: unknown): void => {
      end(error instanceof CodedError ? error.code : 'internal', error);
      answer.refused(error);
    };
    try {
      const { intake, fact: given, own } = this.read(offer);
      const fact = story.traced(given);
      intake.offer(fact, own, way, {
        accepted: (result) => {
          end(outcomeOf(result));
          if (result.keptFirst) this.recordConflict(offer.group, fact, way, keptFirst(fact));
          answer.accepted(result);
        },
        refused: (error) => {
          this.recordConflict(offer.group, fact, way, error);
          refused(error);
        },
      });
    } catch (error) {
      refused(error);
    }
  }

  /** Appends what a way in refused to `activity.intake.<group>`; a failure to do so is logged, never thrown. */
  record(group: string, record: IntakeRecord): void {
    this.bus.publisher.publishJson(SUBJECTS.intakeActivity(group), record).catch((err: unknown) => {
      if (!this.bus.outages.explain(err))
        this.log.error({ err, group, id: record.id }, 'a refusal could not be recorded');
    });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.groups.values()].map(({ projector }) => projector.stop()));
  }

  /** Everything about an offer that can be said without looking anything up. */
  private read(offer: FactOffer): { intake: GroupIntake; fact: Fact; own: boolean } {
    const group = this.groups.get(offer.group);
    if (!group?.declared) {
      throw new CodedError(
        'unknown-group',
        `no EventGroup is called ${offer.group}: apply one, or send to ${this.names()}`,
      );
    }
    const { intake, spec } = group;
    const local = offer.way !== 'peer';
    const defaults = { ...offer.defaults, group: offer.group, ...(local && { sourceNode: spec.nodeName }) };
    if (local) refuseForeignBody(offer.body);
    const sequence = local ? undefined : readOriginSequence(offer.body);
    const fact: Fact = {
      ...normalizeFact(offer.body, defaults, this.clock.now(), local ? 'refused' : 'ignored'),
      ...(sequence !== undefined && { originSequence: sequence }),
    };
    if (local) checkLocalFact(fact, offer.group, offer.defaults.type, spec);
    return { intake, fact, own: fact.sourceNode === spec.nodeName };
  }

  private async open(name: string, spec: EventGroupSpec): Promise<Group> {
    const { factsMaxBytes } = this.config;
    const configured = factsMaxBytes === undefined ? [] : (['max_bytes'] as const);
    await ensureStream(this.bus.manager, factsDefinition(name, factsMaxBytes), this.bus.log, configured);
    const intake = new GroupIntake(name, this.bus, this.dataSource, () => this.clock.now());
    const projection = factsProjection(name);
    const projector = await Projector.start(this.bus, this.dataSource, projection, (seq) =>
      intake.projected(seq),
    );
    return { intake, projector, spec, declared: true };
  }

  private recordConflict(
    group: string,
    fact: { id: string; sourceNode: string },
    way: FactWay,
    error: unknown,
  ): void {
    const type = error instanceof CodedError ? RECORDED[error.code] : undefined;
    if (type === undefined || !(error instanceof CodedError)) return;
    const { code, message } = error;
    const at = new Date(this.clock.now()).toISOString();
    this.record(group, { type, code, message, id: fact.id, sourceNode: fact.sourceNode, way, at });
  }

  private names(): string {
    return (
      [...this.groups]
        .filter(([, { declared }]) => declared)
        .map(([name]) => name)
        .join(', ') || 'none yet'
    );
  }
}

/** Name of an answer in metrics. */
function outcomeOf({ duplicate, refreshed, keptFirst }: IntakeResult): string {
  if (keptFirst) return 'content-conflict';
  return duplicate ? 'duplicate' : refreshed ? 'refreshed' : 'accepted';
}

function keptFirst(fact: Fact): CodedError {
  return contentConflict(fact.id, 'the first is kept, and the later expiry taken');
}
