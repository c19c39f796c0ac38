import { Injectable } from '@nestjs/common';
import { Bus, whatIsKept } from '@signalbox/bus';
import { CodedError, SUBJECTS } from '@signalbox/contracts';
import { type Decision, verdictOf } from '../domain/verdict.js';
import { DeliveriesReader } from './deliveries.reader.js';
import { EffectiveConfigReader } from './effective-config.reader.js';
import { EventsReader } from './events.reader.js';
import type { ExplainedEventDto, ExplanationDto } from './explain.dto.js';
import { PartsReader } from './parts.reader.js';
import type { RunItemDto } from './runs.dto.js';
import { RunsReader } from './runs.reader.js';

/** How long matcher may take to answer. Milliseconds. */
const ASK_MS = 2000;

/** Most deliveries that are told of one fact. */
const MOST_PEERS = 100;

/** Tells why a fact did or did not start something, and what followed. */
@Injectable()
export class ExplainReader {
  constructor(
    private readonly bus: Bus,
    private readonly events: EventsReader,
    private readonly runs: RunsReader,
    private readonly parts: PartsReader,
    private readonly effectiveConfig: EffectiveConfigReader,
    private readonly deliveries: DeliveriesReader,
  ) {}

  /** Throws `unknown-group`, `not-found`, and `not-ready` when matcher does not answer. */
  async explain(group: string, id: string): Promise<ExplanationDto> {
    const event = await this.events.find(group, id);
    if (!event) return this.ofPruned(group, id);
    const subject = SUBJECTS.ask('matcher', 'explain');
    const answer = await this.bus.ask<{ revision: number; decisions: Decision[] }>(
      subject,
      { group, id },
      ASK_MS,
    );
    if (!answer)
      throw new CodedError('not-ready', 'matcher does not answer: see whether it runs and is ready');
    return this.explained(event, answer, await this.runs.ofFact(group, id));
  }

  /** Of a fact that is no longer kept the runs still tell which it was; nobody can decide about it any more. */
  private async ofPruned(group: string, id: string): Promise<ExplanationDto> {
    const runs = await this.runs.ofFact(group, id);
    const known = runs.flatMap(({ facts }) => facts).find((fact) => fact.id === id);
    const pruned = known && (await whatIsKept(this.bus, group));
    if (!known || !pruned) throw await this.events.unknown(group, id);
    const { origin: sourceNode, subject, seq } = known;
    const event = { id, group, sourceNode, ...(subject !== '' && { subject }), seq, pruned };
    return this.explained(event, { revision: runs[0]?.revision ?? 0, decisions: [] }, runs);
  }

  private async explained(
    event: ExplainedEventDto,
    { revision, decisions }: { readonly revision: number; readonly decisions: readonly Decision[] },
    runs: readonly RunItemDto[],
  ): Promise<ExplanationDto> {
    const parts = await this.parts.ofRuns(runs.map(({ runId }) => runId));
    const resources = await this.effectiveConfig.resourcesOf(parts.map(({ source }) => source));
    const generation = await this.effectiveConfig.newestGeneration();
    const registered = await this.effectiveConfig.registeredBy(event.group, event.id);
    const verdict = verdictOf({ event, decisions, runs, parts, resources, registered, generation });
    const { items: deliveries } = await this.deliveries.list({
      group: event.group,
      eventId: event.id,
      limit: MOST_PEERS,
    });
    return {
      ...{ event, revision, decisions, runs, parts, resources: [...resources, ...registered], verdict },
      ...(deliveries.length > 0 && { deliveries }),
    };
  }
}
