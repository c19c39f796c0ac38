import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CodedError,
  contentDigest,
  type EventGroupSpec,
  normalizeFact,
  signBody,
} from '@signalbox/contracts';
import { freePort } from '@signalbox/embedded';
import { Clock, createLog } from '@signalbox/runtime';
import { type FactAnswer, FactIntake, type FactOffer, type IntakeResult } from '../fact-intake.js';
import type { RefusedPush } from './receiver-parts.js';
import { Receivers } from './receivers.js';

export const NOW_MS = Date.parse('2026-05-30T12:00:00Z');
export const NOW_S = NOW_MS / 1000;
export const SECRET = 'correct horse';
export const GROUP = 'cloudedge';
const DEADLINE_MS = 60_000;

class FixedClock extends Clock {
  now(): number {
    return NOW_MS;
  }
}

/** Accepts facts as the real intake does, in a map. */
class MemoryIntake extends FactIntake {
  readonly facts = new Map<string, { digest: string; sourceNode: string }>();
  readonly offers: FactOffer[] = [];
  failNext: Error | undefined;

  offer(offer: FactOffer, answer: FactAnswer): void {
    this.offers.push(offer);
    const failure = this.failNext;
    this.failNext = undefined;
    const stored = failure
      ? Promise.reject(failure)
      : Promise.resolve(offer).then((taken) => this.store(taken));
    stored.then(answer.accepted, answer.refused);
  }

  private store({ body, defaults }: FactOffer): IntakeResult {
    const fact = normalizeFact(body, defaults, NOW_MS);
    const { id, sourceNode } = fact;
    const digest = contentDigest(fact);
    const known = this.facts.get(id);
    if (known && known.sourceNode !== sourceNode) throw new CodedError('origin-conflict', 'theirs');
    const keptFirst = known !== undefined && known.digest !== digest;
    if (!known) this.facts.set(id, { digest, sourceNode });
    return {
      accepted: true,
      id,
      duplicate: known !== undefined,
      refreshed: false,
      seq: this.facts.size,
      ...(keptFirst && { keptFirst: true }),
    };
  }
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Whether the request went over a connection that was open already. */
  readonly reused: boolean;
}

/** A pushed event as a routerd peer writes it. */
export function event(more: object = {}): object {
  return {
    id: 'evt-1',
    group: GROUP,
    sourceNode: 'onprem',
    type: 'client.observed',
    subject: '10.0.0.1/32',
    payload: { k: 'v' },
    observedAt: '2026-05-30T11:59:00Z',
    ...more,
  };
}

/** Receivers on a real port with a fixed clock, an intake in memory, and a peer that can sign. */
export class ReceiverFixture {
  readonly intake = new MemoryIntake();
  readonly refused: RefusedPush[] = [];
  readonly counted: string[] = [];
  readonly receivers: Receivers;
  readonly secretFile: string;
  private readonly dir = mkdtempSync(join(tmpdir(), 'signalbox-receiver-'));
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  private constructor(public port: number) {
    this.secretFile = join(this.dir, 'edge.key');
    this.receivers = new Receivers({
      intake: this.intake,
      clock: new FixedClock(),
      log: createLog('silent'),
      onRefused: (record) => this.refused.push(record),
      counters: {
        count: (group, outcome, reason) => this.counted.push(`${group} ${outcome} ${reason}`),
        storedEvents: () => this.intake.facts.size,
      },
    });
  }

  static async create(): Promise<ReceiverFixture> {
    const fixture = new ReceiverFixture(await freePort());
    writeFileSync(fixture.secretFile, `\n ${SECRET} \n`);
    return fixture;
  }

  async destroy(): Promise<void> {
    this.agent.destroy();
    await this.receivers.stop();
    rmSync(this.dir, { recursive: true });
  }

  spec(more: Partial<EventGroupSpec> = {}): EventGroupSpec {
    const { secretFile, port } = this;
    return {
      nodeName: 'hub',
      auth: { mode: 'hmac', secretFile },
      listen: { address: '127.0.0.1', port },
      ...more,
    };
  }

  apply(more: Partial<EventGroupSpec> = {}): Promise<void> {
    return this.receivers.apply(new Map([[GROUP, this.spec(more)]]));
  }

  /** Replaces the secret as a careful operator does. */
  replaceSecret(secret: string | Buffer): void {
    writeFileSync(join(this.dir, 'new'), secret);
    renameSync(join(this.dir, 'new'), this.secretFile);
  }

  send(options: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: Buffer | string;
    chunked?: boolean;
  }): Promise<Reply> {
    const { method = 'POST', path = '/v1/events', headers = {}, body = '', chunked = false } = options;
    const { port, agent } = this;
    return new Promise((resolve, reject) => {
      const request = httpRequest({ port, host: '127.0.0.1', method, path, headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text, reused: request.reusedSocket }),
        );
      });
      request.on('error', reject);
      if (chunked) request.write('');
      request.end(body);
    });
  }

  /** Pushes a body as a peer with the secret does. */
  push(
    body: object | string | Buffer,
    { secret = SECRET, timestamp = String(NOW_S) }: { secret?: string; timestamp?: string } = {},
  ): Promise<Reply> {
    const data = Buffer.isBuffer(body)
      ? body
      : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    const headers = {
      'Content-Type': 'application/json',
      'X-Routerd-Timestamp': timestamp,
      'X-Routerd-Signature': signBody(Buffer.from(secret), timestamp, data),
    };
    return this.send({ headers, body: data });
  }

  async status(): Promise<unknown> {
    return JSON.parse((await this.send({ method: 'GET', path: '/v1/status' })).text);
  }

  /** Waits for a condition, up to a deadline. */
  async until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!(await isTrue())) {
      if (Date.now() > deadline) throw new Error('the condition did not come true in time');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}
