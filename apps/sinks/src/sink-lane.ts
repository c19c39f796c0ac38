import type { SinkIntent, SinkRecord, SinkRendering } from '@signalbox/contracts';
import {
  CodedError,
  type ConfigSinkSpec,
  type ResourceRef,
  type SinkFailure,
  sinkPlaceOf,
} from '@signalbox/contracts';
import { type Clock, type Log, Serial } from '@signalbox/runtime';
import type { EffectiveBook } from '@signalbox/store';
import { DocumentMaker, type MadeDocument } from './document-maker.js';
import { retryWaitMs } from './domain/back-off.js';
import { type AppliedResources, guardOf } from './domain/guards.js';
import { judge, pausedText } from './domain/judge.js';
import { dueAt, type OpenChanges, withChange } from './domain/quiescence.js';
import { failureOf, nextRecord, type Standing } from './domain/sink-record.js';
import { SinkFault, type SinkTarget } from './sink-target.js';

/** What a lane works with. */
export interface LaneTools {
  readonly book: EffectiveBook;
  readonly site: { readonly name: string };
  readonly clock: Clock;
  readonly log: Log;
  /** Throws a CodedError when there cannot be such a target. */
  readonly targetOf: (sink: string, spec: ConfigSinkSpec) => SinkTarget;
  /** Resolves with the sequence when the record is stored. */
  readonly append: (record: SinkRecord) => Promise<number>;
  /** Told of each apply. Seconds. */
  readonly onApply: (sink: string, outcome: 'applied' | 'failed', seconds: number) => void;
}

/** How a sink stood before this process. */
export interface RestoredSink {
  readonly record?: SinkRecord;
  readonly seq: number;
  readonly intent?: SinkIntent;
}

/** A ConfigSink as it stands. */
export interface DeclaredSink {
  readonly spec: ConfigSinkSpec;
  readonly revision: number;
  /** The sink that writes to the same place, and comes first. */
  readonly rival?: string;
}

/** What failed last, with which document. */
interface Failed {
  readonly digest: string | undefined;
  readonly failure: SinkFailure;
  readonly attempts: number;
  /** When it is tried again. Milliseconds. */
  readonly retryAt?: number;
}

/**
 * One sink at work: waits for quiescence, makes the document, decides what becomes of it, brings it to the target and says so in a record.
 * One thing at a time; what changes meanwhile is the next document.
 */
export class SinkLane {
  private readonly serial = new Serial();
  private readonly abort = new AbortController();
  private declared: DeclaredSink | undefined;
  private maker: DocumentMaker | undefined;
  private target: SinkTarget | undefined;
  /** Why the sink cannot work as it is declared. */
  private misfit: SinkFault | undefined;
  private record: SinkRecord | undefined;
  private seq: number;
  private intent: SinkIntent | undefined;
  private applied: AppliedResources | undefined;
  private appliedRevision: number | undefined;
  private open: OpenChanges | undefined;
  private failed: Failed | undefined;
  /** An operator lets the next document through: that one, once it is known. */
  private released: true | string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private since: string | undefined;

  constructor(
    readonly name: string,
    private readonly tools: LaneTools,
    { record, seq, intent }: RestoredSink,
  ) {
    this.record = record;
    this.seq = seq;
    this.intent = intent;
    this.since = record?.at;
    if (record?.state === 'applied') this.appliedRevision = record.revision;
  }

  /** The newest record, with its place in ACTIVITY, and since when the state is what it is. */
  get standing(): { readonly record?: SinkRecord; readonly seq: number; readonly since?: string } {
    const { record, seq, since } = this;
    return { ...(record && { record }), seq, ...(since !== undefined && { since }) };
  }

  /** Whether this is what it works by already. */
  isAs({ revision, rival }: DeclaredSink): boolean {
    return this.declared?.revision === revision && this.declared.rival === rival;
  }

  /** Works by this from now on. */
  declare(declared: DeclaredSink): Promise<void> {
    this.declared = declared;
    return this.turn(async () => {
      await this.fit(declared);
      this.open = withChange(this.open, this.tools.clock.now());
      if (this.misfit || this.intent?.paused) await this.step();
      else this.schedule();
    });
  }

  /** Some resources of the effective config changed. */
  noteChange(changed: readonly ResourceRef[]): void {
    if (!this.maker || !changed.some((ref) => this.maker?.isConcerned(ref))) return;
    this.open = withChange(this.open, this.tools.clock.now());
    this.schedule();
  }

  /** An operator wants it paused, or not: then what failed, drifted or is held is written at once. */
  obey(intent: SinkIntent): Promise<void> {
    return this.turn(async () => {
      this.intent = intent;
      if (!intent.paused) {
        this.released = true;
        if (this.misfit && this.declared) await this.fit(this.declared);
      }
      await this.step();
    });
  }

  /** What it would write now. Throws the error of the template, or of what keeps the sink from working. */
  render(): SinkRendering {
    const { maker, misfit, intent, applied } = this;
    if (!maker) throw misfit ? codedOf(misfit) : notReady(this.name);
    try {
      const document = maker.make(this.tools.book);
      const { generation, digest, resources, keys, bytes } = document;
      const text = this.declared?.spec.natsKv ? maker.textOf(resources) : Buffer.from(bytes).toString('utf8');
      const held = intent?.paused ? pausedText(intent) : this.heldBy(keys);
      return {
        sink: this.name,
        ...{ generation, digest, text, resources: resources.length, bytes: Buffer.byteLength(text) },
        isApplied: applied?.content.digest === digest,
        ...(held !== undefined && { held }),
      };
    } catch (error) {
      throw error instanceof SinkFault ? codedOf(error) : error;
    }
  }

  /** The ConfigSink is gone: what its target has stays. */
  remove(): Promise<void> {
    return this.turn(async () => {
      await this.target?.stop();
      this.target = undefined;
      this.maker = undefined;
      clearTimeout(this.timer);
      const { revision = 0, generation = 0, content } = this.record ?? {};
      await this.say({ state: 'removed', revision, generation, ...(content && { content }) });
    });
  }

  /** Ends what is in work as it is; the next start goes on from there. */
  async stop(): Promise<void> {
    this.abort.abort();
    clearTimeout(this.timer);
    await this.serial.idle();
    await this.target?.stop();
  }

  private turn(work: () => Promise<void>): Promise<void> {
    return this.serial.run(async () => {
      if (this.abort.signal.aborted) return;
      try {
        await work();
      } catch (error) {
        if (this.abort.signal.aborted) return;
        this.tools.log.error({ sink: this.name, err: error }, 'a sink cannot go on, trying again');
        // what cannot even be recorded is in the log
        await this.fail(defectOf(error), undefined).catch(() => undefined);
      }
    });
  }

  private async fit({ spec, rival }: DeclaredSink): Promise<void> {
    await this.target?.stop();
    this.target = undefined;
    this.maker = undefined;
    this.misfit = undefined;
    this.failed = undefined;
    const place = sinkPlaceOf(spec);
    try {
      if (rival !== undefined)
        throw new SinkFault('write', {
          code: 'sink-place',
          message: `${place} is written by the sink ${rival}: give one of them another place`,
        });
      this.maker = new DocumentMaker(spec, this.tools.site);
      this.target = this.tools.targetOf(this.name, spec);
    } catch (error) {
      this.misfit = misfitOf(error);
      return;
    }
    const last = this.record?.content;
    const known = last?.place === place ? last : undefined;
    const content = await this.target.recover(known, this.abort.signal);
    const isKnown = content !== undefined && this.applied?.content.digest === content.digest;
    if (!isKnown) this.applied = content && { content };
    this.target.watch(() => void this.turn(() => this.look()));
  }

  private isTime(now: number): boolean {
    const { open, failed, declared, misfit } = this;
    if (misfit || this.released !== undefined) return true;
    if (open && declared) return dueAt(open, declared.spec) <= now;
    return failed?.retryAt !== undefined && failed.retryAt <= now;
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const { open, failed, declared } = this;
    if (!declared || this.abort.signal.aborted || this.intent?.paused) return;
    const at = open && !this.misfit ? dueAt(open, declared.spec) : failed?.retryAt;
    if (at === undefined) return;
    const waitMs = Math.max(0, at - this.tools.clock.now());
    this.timer = setTimeout(() => void this.turn(() => this.step()), waitMs).unref();
  }

  /** Somebody may have changed the target. While changes are open, they are what looks. */
  private async look(): Promise<void> {
    if (this.open || !this.target || !this.applied || this.intent?.paused) return;
    const drift = await this.target.drift(this.applied.content);
    if (drift || this.record?.state === 'drifted') await this.bring();
  }

  private async step(): Promise<void> {
    const { declared, intent, applied } = this;
    if (!declared) return;
    if (intent?.paused) {
      const { generation } = this.tools.book;
      const { revision } = declared;
      const content = applied && { content: applied.content };
      await this.say({ state: 'paused', revision, generation, ...content, reason: pausedText(intent) });
    } else if (this.isTime(this.tools.clock.now())) {
      await this.bring();
    }
    this.schedule();
  }

  /** Makes the document as it is now, and does with it what is right. */
  private async bring(): Promise<void> {
    const { declared, maker, target, misfit } = this;
    this.open = undefined;
    if (misfit) return this.fail(misfit, undefined);
    if (!declared || !maker || !target) return;
    let document: MadeDocument;
    try {
      document = maker.make(this.tools.book);
    } catch (error) {
      if (error instanceof SinkFault) return this.fail(error, undefined);
      throw error;
    }
    await this.decide(document, declared, target);
  }

  private async decide(document: MadeDocument, declared: DeclaredSink, target: SinkTarget): Promise<void> {
    const { applied, appliedRevision, intent, failed } = this;
    const { digest, generation, keys } = document;
    if (this.released === true) this.released = digest;
    const isReleased = this.released === digest;
    if (!isReleased) this.released = undefined;
    const drift = applied && (await target.drift(applied.content));
    const verdict = judge(
      {
        ...{ spec: declared.spec, revision: declared.revision, isReleased },
        ...(appliedRevision !== undefined && { appliedRevision }),
        ...(applied && { applied }),
        ...(intent && { intent }),
        ...(drift && { drift }),
        ...(failed?.digest !== undefined && {
          failed: {
            digest: failed.digest,
            isDue: isDue(failed, this.tools.clock.now()),
            failure: failed.failure,
          },
        }),
      },
      { digest, keys },
    );
    if (verdict.act === 'apply') return this.apply(document, declared, target);
    const { act: _keep, ...how } = verdict;
    if (verdict.state !== 'degraded') this.failed = undefined;
    if (verdict.state === 'applied') this.released = undefined;
    const content = applied && { content: applied.content };
    await this.say({ ...how, revision: declared.revision, generation, ...content });
  }

  private async apply(document: MadeDocument, declared: DeclaredSink, target: SinkTarget): Promise<void> {
    const { name, tools } = this;
    const { revision } = declared;
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const content = await target.apply(document, this.applied?.content, this.abort.signal);
      tools.onApply(name, 'applied', seconds());
      this.applied = { content, keys: new Set(document.keys) };
      this.appliedRevision = revision;
      this.failed = undefined;
      this.released = undefined;
      await this.say({ state: 'applied', revision, generation: document.generation, content });
    } catch (error) {
      if (!(error instanceof SinkFault)) throw error;
      tools.onApply(name, 'failed', seconds());
      await this.fail(error, document.digest);
    }
  }

  private async fail(fault: SinkFault, digest: string | undefined): Promise<void> {
    const { failed, applied } = this;
    const now = this.tools.clock.now();
    const isAgain = failed?.failure.step === fault.step && failed.digest === digest;
    const attempts = isAgain ? failed.attempts + 1 : 1;
    const failure = failureOf(fault, attempts, now);
    this.failed = {
      ...{ digest, failure, attempts },
      ...(fault.mayPass && { retryAt: now + retryWaitMs(attempts) }),
    };
    const { generation } = this.tools.book;
    const revision = this.declared?.revision ?? 0;
    await this.say({
      state: 'degraded',
      revision,
      generation,
      failure,
      ...(applied && { content: applied.content }),
    });
    this.schedule();
  }

  private async say(standing: Standing): Promise<void> {
    const record = nextRecord(this.name, this.record, standing, this.tools.clock.now());
    if (!record) return;
    if (record.state !== this.record?.state) this.since = record.at;
    this.record = record;
    this.seq = await this.tools.append(record);
  }

  private heldBy(keys: readonly string[]): string | undefined {
    return this.declared && guardOf(this.declared.spec, keys, this.applied)?.reason;
  }
}

function isDue({ retryAt }: Failed, now: number): boolean {
  return retryAt !== undefined && retryAt <= now;
}

function codedOf({ body }: SinkFault): CodedError {
  return new CodedError(body.code, body.message, body.errors);
}

function notReady(sink: string): CodedError {
  return new CodedError('not-ready', `the sink ${sink} is not ready: try again`);
}

/** Why there cannot be such a sink. */
function misfitOf(error: unknown): SinkFault {
  if (error instanceof SinkFault) return error;
  if (error instanceof CodedError) return new SinkFault('write', error.toBody());
  throw error;
}

function defectOf(error: unknown): SinkFault {
  return new SinkFault('write', { code: 'internal', message: String(error) }, undefined, true);
}
