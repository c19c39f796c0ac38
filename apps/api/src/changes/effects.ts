import { Injectable } from '@nestjs/common';
import { Bus } from '@signalbox/bus';
import {
  BACKEND,
  CodedError,
  type ConfigPlan,
  type HealthPlan,
  isOfKind,
  SUBJECTS,
  type WeightPlan,
} from '@signalbox/contracts';
import {
  type Effect,
  effectiveEffect,
  inProject,
  NO_WEIGHTS,
  trafficChanges,
  type Unanswered,
  weightEffect,
} from '../domain/effect.js';
import type { Decided } from './resource-journal.js';

/** How long each service may take to say what would follow. Milliseconds. */
const ASK_MS = 2000;

type Answer<T> = { readonly answer: T } | { readonly unanswered: Unanswered };

/**
 * What a change would lead to, by the services that decide it: `renderer` says what becomes of the effective config, `health` what that
 * makes of backends at once, and `balancer` what both do to weights. Who does not answer is named, and the plan is told without it. ADR 0040.
 */
@Injectable()
export class Effects {
  constructor(private readonly bus: Bus) {}

  /** Of a change that is not appended. `project`: what is outside of it is left out. */
  async of({ changes, revision }: Decided, project?: string): Promise<Effect> {
    const effect = await this.ask(revision, changes);
    return project === undefined ? effect : inProject(effect, project);
  }

  private async ask(revision: number, changes: Decided['changes']): Promise<Effect> {
    const config = await this.answerOf<ConfigPlan>('renderer', { revision, changes });
    if ('unanswered' in config) {
      const message = 'was not asked: it decides by what renderer did not tell';
      const balancer: Unanswered = { service: 'balancer', code: config.unanswered.code, message };
      return { unanswered: [config.unanswered, balancer] };
    }
    const effective = effectiveEffect(config.answer);
    const traffic = trafficChanges(config.answer);
    // a site without anything to balance needs no balancer
    if (traffic.length === 0) return { effective, weights: NO_WEIGHTS, unanswered: [] };
    const health = await this.health(traffic);
    const states = 'answer' in health ? health.answer.states : [];
    const weights = await this.answerOf<WeightPlan>('balancer', { changes: traffic, states });
    const unanswered = [health, weights].flatMap((one) => ('unanswered' in one ? one.unanswered : []));
    return { effective, ...('answer' in weights && { weights: weightEffect(weights.answer) }), unanswered };
  }

  /** What becomes of the states of backends at once; without it they count as they are recorded. */
  private async health(traffic: Decided['changes']): Promise<Answer<HealthPlan>> {
    const isAboutBackends = traffic.some(
      (change) => change.op === 'put' && isOfKind(change.resource, BACKEND),
    );
    if (!isAboutBackends) return { answer: { states: [] } };
    return this.answerOf<HealthPlan>('health', { changes: traffic });
  }

  private async answerOf<T>(service: Unanswered['service'], question: object): Promise<Answer<T>> {
    const { maxBytes } = this.bus;
    const bytes = Buffer.byteLength(JSON.stringify(question));
    if (bytes > maxBytes) {
      const message = `was not asked: the question has ${bytes} bytes, one message may have ${maxBytes}`;
      return { unanswered: { service, code: 'changeset-too-large', message } };
    }
    try {
      const answer = await this.bus.ask<T>(SUBJECTS.ask(service, 'plan'), question, ASK_MS);
      if (answer) return { answer };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return { unanswered: { service, code: error.code, message: error.message } };
    }
    const message = `${service} does not answer: see whether it runs and is ready`;
    return { unanswered: { service, code: 'not-ready', message } };
  }
}
