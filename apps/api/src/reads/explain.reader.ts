import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import { CodedError, SUBJECTS } from '@signalbox/contracts';
import { type Decision, verdictOf } from '../domain/verdict.js';
import { EffectiveConfigReader } from './effective-config.reader.js';
import { EventsReader } from './events.reader.js';
import type { ExplanationDto } from './explain.dto.js';
import { PartsReader } from './parts.reader.js';
import { RunsReader } from './runs.reader.js';

/** How long matcher may take to answer. Milliseconds. */
const ASK_MS = 2000;

/** Tells why a fact did or did not start something, and what followed. */
@Injectable()
export class ExplainReader {
  constructor(
    private readonly bus: Bus,
    private readonly events: EventsReader,
    private readonly runs: RunsReader,
    private readonly parts: PartsReader,
    private readonly effectiveConfig: EffectiveConfigReader,
  ) {}

  /** Throws `unknown-group`, `not-found`, and `not-ready` when matcher does not answer. */
  async explain(group: string, id: string): Promise<ExplanationDto> {
    const event = await this.events.get(group, id);
    const subject = SUBJECTS.ask('matcher', 'explain');
    const answer = await this.bus.ask<{ revision: number; decisions: Decision[] }>(
      subject,
      { group, id },
      ASK_MS,
    );
    if (!answer)
      throw new CodedError('not-ready', 'matcher does not answer: see whether it runs and is ready');
    const runs = await this.runs.ofFact(group, id);
    const parts = await this.parts.ofRuns(runs.map(({ runId }) => runId));
    const resources = await this.effectiveConfig.resourcesOf(parts.map(({ source }) => source));
    const generation = await this.effectiveConfig.newestGeneration();
    const { revision, decisions } = answer;
    const verdict = verdictOf({ event, decisions, runs, parts, resources, generation });
    return { event, revision, decisions, runs, parts, resources, verdict };
  }
}
