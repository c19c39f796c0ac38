import type { ErrorBody, SinkIntent, SinkRecord, SinkRendering } from '@signalbox/contracts';
import {
  CodedError,
  type ConfigSinkSpec,
  errorBody,
  type ResourceRef,
  sinkPlaceOf,
} from '@signalbox/contracts';
import { type Clock, type Log, Serial } from '@signalbox/runtime';
import { type ConfigView, DocumentMaker, type MadeDocument } from './document-maker.js';
import { attemptOf, attemptOver, failedAttempt, nextAt, NO_ATTEMPT, RELEASED } from './domain/attempt.js';
import { type AppliedResources, guardOf } from './domain/guards.js';
import { judge, pausedText } from './domain/judge.js';
import { type OpenChanges, withChange } from './domain/quiescence.js';
import { nextRecord, type Standing } from './domain/sink-record.js';
import { SinkFault, type SinkTarget } from './sink-target.js';

/** What a lane works with. */
export interface LaneTools {
  readonly book: ConfigView;
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

/** The newest record of a sink, its sequence in ACTIVITY (0: none), and since when the state is what it is. */
export interface SinkStanding {
  readonly record?: SinkRecord;
  readonly seq: number;
  readonly since?: string;
}

/** A ConfigSink as it stands. */
export interface DeclaredSink {
  readonly spec: ConfigSinkSpec;
  readonly revision: number;
  /** The sink that writes to the same place, and comes first. */
  readonly rival?: string;
}

/** How it stands, without what it stands by. */
type Manner = Pick<Standing, 'state' | 'failure' | 'reason'>;

/** A sink that knows what its target has: it can work. */
interface Fitted {
  readonly declared: DeclaredSink;
  readonly maker: DocumentMaker;
  readonly target: SinkTarget;
}

/**
 * One sink at work: waits for quiescence, makes the document, decides what becomes of it, brings it to the target and says so in a record.
 * One thing at a time; what changes meanwhile is the next document.
 */
export class SinkLane {
  private readonly serial = new Serial();
  private readonly abort = new AbortController();
  private stands: SinkStanding;
  private intent: SinkIntent | undefined;
  /** As it was declared last. */
  private declared: DeclaredSink | undefined;
  /** What it works with; undefined before it knows what the target has, and while it cannot work as it is declared. */
  private fitted: Fitted | undefined;
  private applied: AppliedResources | undefined;
  private open: OpenChanges | undefined;
  private attempt = NO_ATTEMPT;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly name: string,
    private readonly tools: LaneTools,
    { record, seq, intent }: RestoredSink,
  ) {
    this.stands = { seq, ...(record && { record, since: record.at }) };
    this.intent = intent;
    this.applied = record && appliedBy(record);
  }

  /** The newest record, with its place in ACTIVITY, and since when the state is what it is. */
  get standing(): SinkStanding {
    return this.stands;
  }

  /** Whether this is what it works by already. */
  isAs({ revision, rival }: DeclaredSink): boolean {
    return this.declared?.revision === revision && this.declared.rival === rival;
  }

  /** Works by this from now on. */
  declare(declared: DeclaredSink): Promise<void> {
    this.declared = declared;
    return this.turn(async () => {
      await this.unfit();
      this.attempt = NO_ATTEMPT;
      await this.step();
    });
  }

  /** Some resources of the effective config changed. */
  noteChange(changed: readonly ResourceRef[]): void {
    const { maker } = this.fitted ?? {};
    if (!maker || !changed.some((ref) => maker.isConcerned(ref))) return;
    this.open = withChange(this.open, this.tools.clock.now());
    this.schedule();
  }

  /** An operator wants it paused, or not: then what failed, drifted or is held is written at once. */
  obey(intent: SinkIntent): Promise<void> {
    return this.turn(async () => {
      this.intent = intent;
      if (!intent.paused) this.attempt = RELEASED;
      await this.step();
    });
  }

  /** What it would write now. Throws the error of the template, or of what keeps the sink from working. */
  render(): SinkRendering {
    const { fitted, applied, intent } = this;
    if (!fitted) throw this.unfitError();
    const { maker, declared } = fitted;
    try {
      const { generation, digest, resources, keys, bytes } = maker.make(this.tools.book);
      const text = declared.spec.natsKv ? maker.textOf(resources) : Buffer.from(bytes).toString('utf8');
      const held = intent?.paused ? pausedText(intent) : guardOf(declared.spec, keys, applied)?.reason;
      return {
        sink: this.name,
        ...{ generation, digest, text, resources: resources.length, bytes: Buffer.byteLength(text) },
        isApplied: applied?.content.digest === digest,
        ...(held !== undefined && { held }),
      };
    } catch (error) {
      throw error instanceof SinkFault ? codedOf(error.body) : error;
    }
  }

  /** The ConfigSink is gone: what its target has stays. */
  remove(): Promise<void> {
    this.declared = undefined;
    return this.turn(async () => {
      await this.unfit();
      const { revision = 0, generation = 0, content } = this.stands.record ?? {};
      await this.append({ state: 'removed', revision, generation, ...(content && { content }) });
    });
  }

  /** Ends what is in work as it is; the next start goes on from there. */
  async stop(): Promise<void> {
    this.abort.abort();
    clearTimeout(this.timer);
    await this.serial.idle();
    await this.fitted?.target.stop();
  }

  private turn(work: () => Promise<void>): Promise<void> {
    return this.serial.run(async () => {
      if (this.abort.signal.aborted) return;
      try {
        await work();
      } catch (error) {
        if (this.abort.signal.aborted) return;
        // what cannot even be recorded is in the log
        await this.fail(this.faultOf(error), undefined).catch(() => undefined);
      }
      this.schedule();
    });
  }

  private schedule(): void {
    clearTimeout(this.timer);
    const { declared, attempt, open, intent, abort } = this;
    if (!declared || intent?.paused || abort.signal.aborted) return;
    const at = nextAt(attempt, open, declared.spec);
    if (at === undefined) return;
    const waitMs = Math.max(0, at - this.tools.clock.now());
    this.timer = setTimeout(() => void this.turn(() => this.step()), waitMs).unref();
  }

  /** Somebody may have changed the target. While changes are open, they are what looks. */
  private async look(): Promise<void> {
    const { fitted, applied, intent, open } = this;
    if (open || !fitted || !applied || intent?.paused) return;
    const drift = await fitted.target.drift(applied.content);
    if (drift || this.stands.record?.state === 'drifted') await this.bring(fitted);
  }

  /** What is due, if anything is. */
  private async step(): Promise<void> {
    const { declared, intent, attempt } = this;
    if (!declared) return;
    const fitted = (this.fitted ??= await this.fit(declared));
    const now = this.tools.clock.now();
    if (intent?.paused) await this.say(pausedManner(intent));
    else if ((nextAt(attempt, this.open, declared.spec) ?? Infinity) <= now) await this.bring(fitted);
  }

  /** Finds out what the target has. Everything is open then: what changed before is not known. Throws a SinkFault when it cannot work. */
  private async fit(declared: DeclaredSink): Promise<Fitted> {
    const { spec, rival } = declared;
    const { name, tools, open } = this;
    this.open = undefined;
    const place = sinkPlaceOf(spec);
    if (rival !== undefined) throw takenFault(place, rival);
    const maker = new DocumentMaker(spec, tools.site);
    const target = tools.targetOf(name, spec);
    const last = this.stands.record?.content;
    const content = await target.recover(last?.place === place ? last : undefined, this.abort.signal);
    const { applied } = this;
    if (content?.digest !== applied?.content.digest)
      this.applied = content && { content, ...revisionOf(applied) };
    target.watch(() => void this.turn(() => this.look()));
    this.open = withChange(open, tools.clock.now());
    return { declared, maker, target };
  }

  private async unfit(): Promise<void> {
    const { fitted } = this;
    this.fitted = undefined;
    await fitted?.target.stop();
  }

  /** Makes the document as it is now, and does with it what is right. Throws a SinkFault when none can be made. */
  private async bring(fitted: Fitted): Promise<void> {
    const { declared, maker, target } = fitted;
    // declared anew, or removed: that comes next
    if (declared !== this.declared) return;
    const { applied, intent, tools } = this;
    this.open = undefined;
    const document = maker.make(tools.book);
    const attempt = attemptOf(this.attempt, document.digest);
    this.attempt = attempt;
    const drift = applied && (await target.drift(applied.content));
    const { spec, revision } = declared;
    const verdict = judge(
      {
        ...{ spec, revision, attempt, now: tools.clock.now() },
        ...(applied && { applied }),
        ...(intent && { intent }),
        ...(drift && { drift }),
      },
      document,
    );
    if (verdict.act === 'apply') return this.apply(document, fitted);
    const { act: _keep, ...manner } = verdict;
    if (manner.state !== 'degraded') this.attempt = attemptOver(attempt);
    await this.say(manner, document.generation);
  }

  private async apply(document: MadeDocument, { declared, target }: Fitted): Promise<void> {
    const { name, tools, abort } = this;
    const started = performance.now();
    const seconds = (): number => (performance.now() - started) / 1000;
    try {
      const content = await target.apply(document, this.applied?.content, abort.signal);
      tools.onApply(name, 'applied', seconds());
      this.applied = { content, keys: new Set(document.keys), revision: declared.revision };
      this.attempt = attemptOver(this.attempt);
    } catch (error) {
      if (!(error instanceof SinkFault)) throw error;
      tools.onApply(name, 'failed', seconds());
      return this.fail(error, document.digest);
    }
    await this.say({ state: 'applied' }, document.generation);
  }

  private async fail(fault: SinkFault, digest: string | undefined): Promise<void> {
    this.attempt = failedAttempt(this.attempt, fault, digest, this.tools.clock.now());
    const { intent, declared, attempt } = this;
    if (!declared) return;
    const { failure } = attempt;
    await this.say(
      intent?.paused ? pausedManner(intent) : { state: 'degraded', ...(failure && { failure }) },
    );
  }

  /** Says how it stands by what it works with. */
  private async say(manner: Manner, generation = this.tools.book.generation): Promise<void> {
    const { fitted, declared, applied } = this;
    const { revision = 0 } = fitted?.declared ?? declared ?? {};
    await this.append({ ...manner, revision, generation, ...(applied && { content: applied.content }) });
  }

  private async append(standing: Standing): Promise<void> {
    const before = this.stands;
    const record = nextRecord(this.name, before.record, standing, this.tools.clock.now());
    if (!record) return;
    const since = record.state === before.record?.state ? before.since : record.at;
    this.stands = { record, seq: before.seq, ...(since !== undefined && { since }) };
    try {
      this.stands = { ...this.stands, seq: await this.tools.append(record) };
    } catch (error) {
      this.stands = before;
      throw error;
    }
  }

  private faultOf(error: unknown): SinkFault {
    if (error instanceof SinkFault) return error;
    this.tools.log.error({ sink: this.name, err: error }, 'a sink cannot go on, trying again');
    return new SinkFault('write', errorBody(error), undefined, true);
  }

  private unfitError(): CodedError {
    const { failure } = this.attempt;
    return failure
      ? codedOf(failure.error)
      : new CodedError('not-ready', `the sink ${this.name} is not ready: try again`);
  }
}

/** What a target has as its last record tells: how many there are, not which. */
function appliedBy({ content, state, revision }: SinkRecord): AppliedResources | undefined {
  return content && { content, ...(state === 'applied' && { revision }) };
}

function revisionOf(applied: AppliedResources | undefined): Pick<AppliedResources, 'revision'> {
  return applied?.revision === undefined ? {} : { revision: applied.revision };
}

function pausedManner(intent: SinkIntent): Manner {
  return { state: 'paused', reason: pausedText(intent) };
}

function takenFault(place: string, rival: string): SinkFault {
  return new SinkFault('write', {
    code: 'sink-place',
    message: `${place} is written by the sink ${rival}: give one of them another place`,
  });
}

function codedOf({ code, message, errors }: ErrorBody): CodedError {
  return new CodedError(code, message, errors);
}
