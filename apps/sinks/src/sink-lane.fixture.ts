import { jest } from '@jest/globals';
import {
  type ConfigSinkSpec,
  formatTime,
  keyOf,
  refOf,
  type Resource,
  sha256Hex,
  type SinkContent,
  type SinkIntent,
  type SinkRecord,
  sinkPlaceOf,
} from '@signalbox/contracts';
import { type Log, SystemClock } from '@signalbox/runtime';
import { SinkLane } from './sink-lane.js';
import { type Drift, type SinkDocument, SinkFault, type SinkTarget } from './sink-target.js';

export const PLACE = '/sinks/a';
const START = Date.parse('2026-05-30T12:00:00.000Z');

/** Names of what is selected, in order: what a document of these tests is. */
const TEMPLATE = '{% for one in resources %}{{ one.metadata.name }} {% endfor %}';

/** A target that keeps what it gets. */
class KeptTarget implements SinkTarget {
  /** Whether it was let go of. */
  isStopped = false;
  /** How often it was written. */
  writes = 0;
  private hint: (() => void) | undefined;

  constructor(
    private readonly world: LaneWorld,
    private readonly spec: ConfigSinkSpec,
  ) {}

  async recover(known: SinkContent | undefined): Promise<SinkContent | undefined> {
    await this.world.recovery;
    return this.world.found ?? known;
  }

  async apply(
    document: SinkDocument,
    _known: SinkContent | undefined,
    signal: AbortSignal,
  ): Promise<SinkContent> {
    const { world } = this;
    const text = Buffer.from(document.bytes).toString().trim();
    world.begun.push(text);
    await Promise.race([world.busy, aborted(signal)]);
    if (signal.aborted) throw new Error('the service stops');
    if (world.fault) throw world.fault;
    world.written.push(text);
    this.writes += 1;
    world.drift = undefined;
    return contentOf(document, sinkPlaceOf(this.spec));
  }

  drift(): Promise<Drift | undefined> {
    return Promise.resolve(this.world.drift);
  }

  watch(hint: () => void): void {
    this.hint = hint;
  }

  /** Somebody may have changed it. */
  touched(): void {
    this.hint?.();
  }

  stop(): Promise<void> {
    this.isStopped = true;
    return Promise.resolve();
  }
}

/** A lane with everything around it, in a time that stands still until it is told to go on. */
export class LaneWorld {
  /** What the target got, and what it began with. */
  readonly written: string[] = [];
  readonly begun: string[] = [];
  readonly records: SinkRecord[] = [];
  readonly targets: KeptTarget[] = [];
  readonly logged: unknown[] = [];
  /** Why the target takes nothing. */
  fault: Error | undefined;
  drift: Drift | undefined;
  /** What a start finds in the target; absent: what the records say. */
  found: SinkContent | undefined;
  /** An apply takes until this resolves. */
  busy: Promise<void> | undefined;
  recovery: Promise<void> | undefined;
  /** Why no record can be stored. */
  unstored: Error | undefined;
  lane: SinkLane;

  private readonly resources = new Map<string, Resource>();
  private generation = 0;
  private revision = 0;
  private intent: SinkIntent | undefined;

  constructor() {
    jest.useFakeTimers({ now: START, doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    this.lane = this.started();
  }

  /** How it stands: state, and the reason or what failed. */
  get standing(): string {
    const { record } = this.lane.standing;
    if (!record) return 'nothing';
    const { state, reason, failure } = record;
    const why = reason ?? (failure && `${failure.step} ${failure.error.code}`);
    return why === undefined ? state : `${state}: ${why}`;
  }

  /** How it stood, record by record. */
  get states(): string[] {
    return this.records.map(({ state }) => state);
  }

  /** Declares it with another revision, and lets what follows at once happen. */
  async declare(spec: Partial<ConfigSinkSpec> = {}, rival?: string): Promise<void> {
    this.revision += 1;
    const declared = { spec: specOf(spec), revision: this.revision, ...(rival !== undefined && { rival }) };
    void this.lane.declare(declared);
    await this.passes(0);
  }

  /** As it was declared last: after a start. */
  async declareAgain(spec: Partial<ConfigSinkSpec> = {}): Promise<void> {
    void this.lane.declare({ spec: specOf(spec), revision: this.revision });
    await this.passes(0);
  }

  /** Things come into the effective config: one generation. */
  put(...names: readonly string[]): void {
    this.change(names.map((name) => thing(name)));
  }

  /** A resource that no sink of these tests selects. */
  putOther(name: string): void {
    this.change([{ ...thing(name), kind: 'Other' }]);
  }

  /** Things leave it: one generation. */
  take(...names: readonly string[]): void {
    const gone = names.map((name) => thing(name));
    for (const one of gone) this.resources.delete(keyOf(one));
    this.generation += 1;
    this.lane.noteChange(gone.map(refOf));
  }

  async order(paused: boolean): Promise<void> {
    this.intent = { sink: 'a', at: formatTime(Date.now()), paused, author: 'ana', reason: '' };
    void this.lane.obey(this.intent);
    await this.passes(0);
  }

  async passes(milliseconds: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(milliseconds);
  }

  /** Somebody may have changed the target that is in work. */
  async touched(): Promise<void> {
    this.targets.at(-1)?.touched();
    await this.passes(0);
  }

  /** Makes an apply last until the function that it gives is called. */
  occupy(): () => Promise<void> {
    let free: () => void = () => undefined;
    this.busy = new Promise((resolve) => (free = resolve));
    return async () => {
      this.busy = undefined;
      free();
      await this.passes(0);
    };
  }

  /** The process ends, and another one begins where its records end. */
  async restart(): Promise<void> {
    const stopped = this.lane.stop();
    await this.passes(0);
    await stopped;
    this.lane = this.started();
  }

  private started(): SinkLane {
    const record = this.records.at(-1);
    const restored = { seq: this.records.length, ...(record && { record }) };
    return new SinkLane('a', this.tools(), { ...restored, ...(this.intent && { intent: this.intent }) });
  }

  private change(changed: readonly Resource[]): void {
    for (const one of changed) this.resources.set(keyOf(one), one);
    this.generation += 1;
    this.lane.noteChange(changed.map(refOf));
  }

  private tools(): ConstructorParameters<typeof SinkLane>[1] {
    const generationOf = (): number => this.generation;
    const book = {
      get generation(): number {
        return generationOf();
      },
      everything: () => this.resources.values(),
    };
    return {
      book,
      site: { name: 'edge' },
      clock: new SystemClock(),
      log: { error: (about: unknown) => void this.logged.push(about) } as unknown as Log,
      targetOf: (_sink, spec) => {
        const target = new KeptTarget(this, spec);
        this.targets.push(target);
        return target;
      },
      append: (record) => {
        if (this.unstored) return Promise.reject(this.unstored);
        this.records.push(record);
        return Promise.resolve(this.records.length);
      },
      onApply: () => undefined,
    };
  }
}

/** What the target does not take. `mayPass`: trying again may help; `restMs`: it asks to be left alone for so long. */
export function refusal(mayPass: boolean, restMs?: number): SinkFault {
  return new SinkFault('send', { code: 'sink-refused', message: 'no' }, undefined, mayPass, restMs);
}

/** What a target has that holds these things. */
export function contentWith(...names: readonly string[]): SinkContent {
  const text = names.map((name) => `${name} `).join('');
  const resources = names.map((name) => thing(name));
  return contentOf({ generation: 1, resources, bytes: Buffer.from(text), digest: sha256Hex(text) }, PLACE);
}

function contentOf({ generation, digest, bytes, resources }: SinkDocument, place: string): SinkContent {
  return {
    ...{ generation, digest, bytes: bytes.byteLength, resources: resources.length },
    ...{ at: formatTime(Date.now()), place },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

function specOf(spec: Partial<ConfigSinkSpec>): ConfigSinkSpec {
  return {
    ...{ minWait: '1s', maxWait: '3s', template: TEMPLATE, select: { kinds: ['Thing'] } },
    ...{ file: { path: PLACE }, ...spec },
  };
}

function thing(name: string): Resource {
  return { apiVersion: 'example.net/v1', kind: 'Thing', metadata: { name }, spec: {} };
}
