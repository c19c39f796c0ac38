import { setTimeout as sleep } from 'node:timers/promises';
import { pauseMs } from '../../domain/discovery/kubernetes-back-off.js';
import { readService, type ServiceIngress } from '../../domain/discovery/kubernetes-objects.js';
import {
  oursIn,
  type StatusCase,
  type StatusStep,
  statusStep,
} from '../../domain/discovery/kubernetes-status.js';
import type { ApiClient } from './api-client.js';
import { type ApiFailure, asFailure } from './api-failure.js';
import type { KubernetesTimings } from './kubernetes-limits.js';

/** What a writer asks of a Service, by its key. */
export type CaseOf = (key: string) => Omit<StatusCase, 'ours'>;

/** Answers that say that a Service is no more, or that its status is no longer what we wrote. */
const OVER: readonly (number | undefined)[] = [404, 422];

/**
 * Writes the VIPs into the status of the Services that are served, one after another, until the cluster has them. What a Service
 * says is asked anew before each write. A cluster that refuses is asked again, more and more rarely.
 */
export class StatusWriter {
  /** Keys of Services whose status may have to be written, in the order in which they came. */
  private readonly due = new Set<string>();
  /** What each Service said when it last said what we wrote. */
  private readonly ours = new Map<string, readonly ServiceIngress[]>();
  /** Written, and not told by the cluster yet: the same is not written twice. */
  private readonly sent = new Map<string, string>();
  private failures = 0;
  private isTold = false;
  private wake: () => void = () => undefined;

  constructor(
    private readonly client: ApiClient,
    private readonly caseOf: CaseOf,
    private readonly warn: (message: string) => void,
    private readonly timings: KubernetesTimings,
  ) {}

  /** The cluster told something of these Services. */
  told(keys: Iterable<string>): void {
    for (const key of keys) {
      this.sent.delete(key);
      this.check([key]);
    }
  }

  /** What these Services have to say may be another now. */
  check(keys: Iterable<string>): void {
    for (const key of keys) {
      const known = this.caseOf(key);
      const ours = oursIn(known);
      if (ours) this.ours.set(key, ours);
      if (this.stepOf(key).type !== 'nothing') this.due.add(key);
      else if (!known.vips) this.ours.delete(key); // whoever wrote there since has it
    }
    if (this.due.size > 0) this.wake();
  }

  /** Resolves soon after the signal. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wake(), { once: true });
    while (!signal.aborted) {
      const [key] = this.due;
      if (key === undefined) await new Promise<void>((resolve) => (this.wake = resolve));
      else await this.write(key, signal);
    }
  }

  private stepOf(key: string): StatusStep {
    const ours = this.ours.get(key);
    const step = statusStep({ ...this.caseOf(key), ...(ours && { ours }) });
    return this.sent.get(key) === JSON.stringify(step) ? { type: 'nothing' } : step;
  }

  private async write(key: string, signal: AbortSignal): Promise<void> {
    this.due.delete(key);
    const step = this.stepOf(key);
    if (step.type === 'nothing') return;
    const failure = await this.send(key, step).then(
      () => undefined,
      (error: unknown) => asFailure(error, 'unreachable'),
    );
    if (signal.aborted) return;
    if (failure && !OVER.includes(failure.status)) return this.again(key, failure, signal);
    this.failures = 0;
    if (failure && step.type === 'say') this.tellOnce(key, failure);
    if (step.type === 'take-away') this.ours.delete(key);
    else if (this.caseOf(key).service) this.sent.set(key, JSON.stringify(step));
    // It may have left the source while it was written.
    this.check([key]);
    await sleep(this.timings.writePauseMs, undefined, { signal }).catch(() => undefined);
  }

  private async again(key: string, failure: ApiFailure, signal: AbortSignal): Promise<void> {
    this.due.add(key);
    this.failures += 1;
    this.tellOnce(key, failure);
    const ms = pauseMs(this.timings.backOff, this.failures, Math.random(), failure.retryAfterMs);
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  /** Of a refusal of the cluster: others may follow it, and say the same. */
  private tellOnce(key: string, { status, message }: ApiFailure): void {
    if (this.isTold || (status !== 403 && status !== 422)) return;
    this.isTold = true;
    this.warn(`the status of Service ${key} cannot be written, nor that of others perhaps: ${message}`);
  }

  private async send(key: string, step: Exclude<StatusStep, { type: 'nothing' }>): Promise<void> {
    const [namespace, name] = key.split('/') as [string, string];
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${encodeURIComponent(name)}/status`;
    const call = { path, what: 'patch services/status' };
    if (step.type === 'say') {
      const body = { status: { loadBalancer: { ingress: step.ingress } } };
      const answer = await this.client.patch(call, 'application/merge-patch+json', body);
      // What the cluster made of it: an old one knows less of an address.
      this.ours.set(key, readService(answer).ingress);
      return;
    }
    const place = '/status/loadBalancer/ingress';
    await this.client.patch(call, 'application/json-patch+json', [
      { op: 'test', path: place, value: step.ingress },
      { op: 'remove', path: place },
    ]);
  }
}
