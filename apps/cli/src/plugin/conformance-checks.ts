import {
  canonicalJson,
  CAPABILITIES,
  type CodedError,
  type Fact,
  type PluginRequest,
  type PluginResult,
  type PluginSpec,
  validateResource,
} from '@signalbox/contracts';
import { buildPluginRequest } from '../../../plugin-runner/src/domain/plugin-request.js';
import { executePlugin } from '../../../plugin-runner/src/execution/execute-plugin.js';
import type { ExecutedPlugin } from '../../../plugin-runner/src/execution/executed-plugin.js';
import { PluginPools } from '../../../plugin-runner/src/execution/persistent/plugin-pools.js';
import { openTrustedPlugin } from '../../../plugin-runner/src/execution/plugin-file.js';
import type { PluginPlace } from '../offline/offline-site.js';

/** `warn`: allowed, and hardly meant; `skip`: it need not be able to do that. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'skip';

/** One thing that a plugin is held to. */
export interface ConformanceCheck {
  readonly check: string;
  readonly verdict: Verdict;
  /** What was seen, for people. */
  readonly seen: string;
}

/** What is tried. */
export interface ConformanceInput {
  /** Where the plugin is: an executable with its environment, or an endpoint. */
  readonly plugin: Pick<PluginSpec, 'executable' | 'env' | 'mode' | 'http' | 'secrets'>;
  /** For people, and the name that requests carry. */
  readonly name: string;
  readonly place: PluginPlace;
  /** Facts of its own kind; none: what it does with its own is not looked at. */
  readonly facts: readonly Fact[];
  /** As in `spec.timeout`. */
  readonly timeout: string;
  readonly nowMs: number;
}

/** A fact that no plugin waits for, with what trips a careless reader of lines. */
const STRANGE: Fact = {
  id: 'conformance-strange',
  group: 'conformance',
  sourceNode: 'conformance',
  type: 'signalbox.conformance.unknown',
  subject: 'line\u2028separator "quoted" \\ ünïcödé',
  dedupeKey: 'conformance-strange',
  payload: { text: 'a\u2029b', empty: '' },
  observedAt: '2026-01-01T00:00:00Z',
};

/**
 * Holds a plugin to the protocol (docs/guide/plugins.md) by running it as the plugin-runner does: an executable in both modes that it may
 * have. In the order in which they are looked at; a file that may not be run, or an endpoint that does not take requests, is looked at
 * no further.
 */
export async function checkConformance(input: ConformanceInput): Promise<readonly ConformanceCheck[]> {
  if (input.plugin.mode === 'http') return new Trial(input).endpoint();
  const trusted = await trustOf(input);
  if (trusted.verdict === 'fail') return [trusted];
  const trial = new Trial(input);
  return [trusted, ...(await trial.oneShot()), ...(await trial.persistent())];
}

async function trustOf({ plugin, place }: ConformanceInput): Promise<ConformanceCheck> {
  const check = 'the file may be run';
  try {
    const { path, sha256 } = await openTrustedPlugin(plugin, place.pluginDirs);
    return { check, verdict: 'ok', seen: `${path}, sha256 ${sha256.slice(0, 12)}…` };
  } catch (error) {
    return { check, verdict: 'fail', seen: told(error as CodedError) };
  }
}

class Trial {
  private runs = 0;

  constructor(private readonly input: ConformanceInput) {}

  async oneShot(): Promise<readonly ConformanceCheck[]> {
    const { facts } = this.input;
    const nothing = await this.run([]);
    const strange = await this.run([STRANGE]);
    const own = facts.length === 0 ? undefined : await this.run(facts);
    const again = await this.run(facts.length === 0 ? [STRANGE] : facts);
    const later = await this.run(facts.length === 0 ? [STRANGE] : facts, withMore);
    const sample = own ?? strange;
    return [
      answers('it answers a request without events', nothing),
      leavesAlone(strange),
      ...(own ? [answers(`it answers ${count(facts.length, 'given fact')}`, own)] : []),
      alike('the same request has the same answer', sample, again, 'warn'),
      alike('members that it does not know change nothing', sample, later, 'fail'),
    ];
  }

  /** One request after the other, then two at once. */
  async endpoint(): Promise<readonly ConformanceCheck[]> {
    const check = 'the endpoint takes requests';
    const { error, execution } = await this.run([]);
    if (error && NOT_TAKEN.includes(error.code)) return [{ check, verdict: 'fail', seen: told(error) }];
    const taken: ConformanceCheck = {
      check,
      verdict: 'ok',
      seen: `it answers in ${Math.round(execution.durationMs)} ms`,
    };
    const { facts } = this.input;
    const both = facts.length === 0 ? [STRANGE] : facts;
    const oneByOne = await this.oneShot();
    const [one, other] = await Promise.all([this.run(both), this.run(both)]);
    return [taken, ...oneByOne, alike('requests that are open together are told apart', one, other, 'warn')];
  }

  async persistent(): Promise<readonly ConformanceCheck[]> {
    const pools = new PluginPools();
    try {
      const first = await this.run([STRANGE], undefined, pools);
      if (first.error) return [notPersistent(first.error)];
      const { facts } = this.input;
      const alone = await this.run(facts);
      const [second, third] = await Promise.all([
        this.run(facts, undefined, pools),
        this.run(facts, undefined, pools),
      ]);
      return [
        {
          check: 'it serves the mode persistent',
          verdict: 'ok',
          seen: 'answers carry the meta of their requests',
        },
        alike('one process answers as many processes do', alone, second, 'fail'),
        alike('requests that are open together are told apart', second, third, 'fail'),
      ];
    } finally {
      await pools.stop();
    }
  }

  private run(
    facts: readonly Fact[],
    change: (request: PluginRequest) => PluginRequest = (request) => request,
    pools?: PluginPools,
  ): Promise<ExecutedPlugin> {
    const { plugin, name, place, timeout, nowMs } = this.input;
    this.runs += 1;
    const spec: PluginSpec = {
      ...plugin,
      timeout,
      capabilities: CAPABILITIES,
      ...(plugin.mode !== 'http' && { concurrency: 1 }),
      ...(pools && { mode: 'persistent' }),
    };
    const request = buildPluginRequest({
      plugin: name,
      facts,
      contextResources: [],
      startupConfigHash: '0'.repeat(64),
      effectiveGeneration: 1,
      previousDynamicGeneration: 0,
      nowMs,
      tag: `conformance.${this.runs}`,
      capabilities: CAPABILITIES,
    });
    return executePlugin({
      name,
      spec,
      ...place,
      request: change(request),
      nowMs,
      validate: validateResource,
      ...(pools && { pools }),
    });
  }
}

/** Codes of an endpoint that has not taken a request. */
const NOT_TAKEN: readonly string[] = [
  'plugin-unreachable',
  'plugin-untrusted',
  'plugin-refused',
  'plugin-start-failed',
];

/** As a later version may send it. */
function withMore(request: PluginRequest): PluginRequest {
  return {
    ...request,
    ...{ later: { version: 2 } },
    spec: { ...request.spec, ...{ later: [1, 2, 3] } },
    meta: { ...request.meta, ...{ later: true } },
  };
}

function answers(check: string, { result, error, execution }: ExecutedPlugin): ConformanceCheck {
  if (!result) return { check, verdict: 'fail', seen: told(error) };
  return { check, verdict: 'ok', seen: `${summaryOf(result)} in ${Math.round(execution.durationMs)} ms` };
}

function leavesAlone(executed: ExecutedPlugin): ConformanceCheck {
  const check = 'a fact of a type that it does not know brings nothing';
  const { result } = executed;
  if (!result) return answers(check, executed);
  if (result.resources.length > 0)
    return { check, verdict: 'warn', seen: `it proposes ${summaryOf(result)}` };
  const isTold = result.outcomes.some(({ outcome }) => outcome !== 'applied');
  return isTold
    ? { check, verdict: 'ok', seen: `it tells the outcome ${result.outcomes[0]?.outcome}` }
    : {
        check,
        verdict: 'warn',
        seen: 'the fact counts as applied: tell the outcome ignored in status.outcomes',
      };
}

function alike(
  check: string,
  one: ExecutedPlugin,
  other: ExecutedPlugin,
  otherwise: Verdict,
): ConformanceCheck {
  const [before, after] = [contentOf(one), contentOf(other)];
  if (before === after)
    return { check, verdict: 'ok', seen: one.result ? summaryOf(one.result) : told(one.error) };
  const seen = other.result && one.result ? 'the answers differ' : told(other.error ?? one.error);
  return { check, verdict: otherwise, seen };
}

function notPersistent(error: CodedError): ConformanceCheck {
  return { check: 'it serves the mode persistent', verdict: 'skip', seen: told(error) };
}

function contentOf({ result, error }: ExecutedPlugin): string {
  if (!result) return error?.code ?? '';
  const { ttlMs, resources, directives, actionPlans, outcomes } = result;
  return canonicalJson({ ttlMs, resources, directives, actionPlans, outcomes });
}

function summaryOf({ resources, directives, actionPlans }: PluginResult): string {
  const parts = [
    count(resources.length, 'resource'),
    ...(directives.length > 0 ? [count(directives.length, 'directive')] : []),
    ...(actionPlans.length > 0 ? [count(actionPlans.length, 'action plan')] : []),
  ];
  return parts.join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function told(error: CodedError | undefined): string {
  return error ? `${error.code}: ${error.message}` : 'no answer';
}
