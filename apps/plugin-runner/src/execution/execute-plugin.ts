import {
  CodedError,
  formatTime,
  type Execution,
  type PluginRequest,
  type PluginResult,
  type PluginSpec,
} from '@signalbox/contracts';
import { readPluginResult } from '../domain/plugin-result.js';
import type { Validate } from '../domain/proposed-resources.js';
import { readAnswer } from './answer.js';
import { UNCONTAINED, type Containment } from './containment/containment.js';
import { placeOfPlugin } from './containment/place-of-plugin.js';
import { throwUnlessComplete } from './judge-outcome.js';
import { PluginPools } from './persistent/plugin-pools.js';
import { openTrustedPlugin, type TrustedPlugin } from './plugin-file.js';
import type { ProcessOutcome } from './process-outcome.js';
import { requestLine } from './request-line.js';
import { ONE_SHOT, type RunPlace } from './run-place.js';
import { settingsOf, type RunSettings } from './run-settings.js';

/** One execution of a plugin. */
export interface PluginExecution {
  /** Name of the Plugin resource, for messages. */
  readonly name: string;
  readonly spec: PluginSpec;
  /** Directories that plugins may stand in. */
  readonly pluginDirs: readonly string[];
  /** PATH of the plugin, unless its spec has one. */
  readonly searchPath: string;
  /** What contains it. Default {@link UNCONTAINED}. */
  readonly containment?: Containment;
  readonly request: PluginRequest;
  /** Our clock at the start, milliseconds since 1970. */
  readonly nowMs: number;
  readonly validate: Validate;
  /** Shutdown: ends the process; the error is then `run-lost`. */
  readonly signal?: AbortSignal;
  /** Processes of persistent plugins. Absent: the process of a persistent plugin ends with this run. */
  readonly pools?: PluginPools;
  /**
   * Awaited after the trust check and before the plugin sees anything of the request, so that the caller can record
   * the start durably. What it throws is thrown on, and nothing is executed.
   */
  readonly onStart?: (pluginDigest: string) => Promise<void>;
}

/**
 * How it went: a `result`, or an `error` that says why there is none. `execution.exitCode` and `signal` are there only
 * when the process ended within the run: a persistent one that answered lives on and has none.
 */
export interface ExecutedPlugin {
  readonly execution: Execution;
  readonly result?: PluginResult;
  readonly error?: CodedError;
}

/**
 * Runs a plugin once, on a process of its own or on a persistent one, and judges it in the reference's order (6.6):
 * executable and trust, timeout, run, deadline, output limits, exit code, decode. Whatever the plugin does wrong comes
 * back as `error`; only `onStart` and defects of ours throw.
 *
 * Codes: `plugin-untrusted`, `sandbox-unavailable`, `plugin-start-failed`, `run-lost`, `plugin-timeout`, `plugin-output-limit`,
 * `plugin-exit`, `plugin-output-invalid`, `capability-missing`; `not-ready` when too many runs wait for a process.
 */
export async function executePlugin(input: PluginExecution): Promise<ExecutedPlugin> {
  let started = false;
  try {
    return await inPlace(input, (place) => {
      started = true;
      return executeIn(place, input);
    });
  } catch (error) {
    if (started) throw error;
    return notExecuted(input, error);
  }
}

/** The one place where the modes part. */
async function inPlace<T>(input: PluginExecution, work: (place: RunPlace) => Promise<T>): Promise<T> {
  const { name, spec, signal } = input;
  if (spec.mode !== 'persistent') return work(ONE_SHOT);
  if (input.pools) return input.pools.withPlace(name, spec, signal, work);
  const pools = new PluginPools();
  try {
    return await pools.withPlace(name, spec, signal, work);
  } finally {
    await pools.stop();
  }
}

/** `isAgain`: on a process that had to be ended because of another run, which has nothing to do with the start of this. */
async function executeIn(place: RunPlace, input: PluginExecution, isAgain = false): Promise<ExecutedPlugin> {
  const { spec, request, signal } = input;
  let plugin: TrustedPlugin;
  let settings: RunSettings;
  let containing: ReturnType<typeof placeOfPlugin>;
  try {
    plugin = await openTrustedPlugin(spec, input.pluginDirs);
    containing = placeOfPlugin(spec, plugin, input.containment ?? UNCONTAINED);
    settings = settingsOf(spec);
  } catch (error) {
    place.onUntrusted();
    return notExecuted(input, error);
  }

  if (!isAgain) await input.onStart?.(plugin.sha256);
  const outcome = await place.run({
    path: plugin.path,
    env: spec.env ?? {},
    searchPath: input.searchPath,
    ...containing,
    timeoutMs: settings.timeoutMs,
    stdin: requestLine(request),
    ...(signal && { signal }),
    tag: request.meta.tag,
    identity: `${plugin.sha256} ${settings.text}`,
    recycle: settings.recycle,
  });
  return outcome ? judge(place, input, plugin, outcome) : executeIn(place, input, true);
}

function judge(
  place: RunPlace,
  { name, spec, request, nowMs, validate }: PluginExecution,
  plugin: TrustedPlugin,
  outcome: ProcessOutcome,
): ExecutedPlugin {
  const execution: Execution = {
    startedAt: formatTime(nowMs),
    durationMs: outcome.durationMs,
    pluginDigest: plugin.sha256,
    ...(outcome.exitCode !== undefined && { exitCode: outcome.exitCode }),
    ...(outcome.signal !== undefined && { signal: outcome.signal }),
    stdoutDigest: outcome.stdoutDigest,
    ...(outcome.stderrTail !== '' && { stderr: outcome.stderrTail }),
  };
  try {
    throwUnlessComplete(outcome, spec.timeout);
    const answer = outcome.answer ?? readAnswer(outcome.stdout);
    if ('error' in answer) throw answer.error;
    const result = readPluginResult(answer.document, {
      nowMs: nowMs + outcome.durationMs,
      capabilities: spec.capabilities ?? [],
      eventIds: request.spec.events.map((event) => String(event['id'])),
      validate,
      ...(spec.mode === 'persistent' && { tag: request.meta.tag }),
    });
    return { execution, result };
  } catch (cause) {
    const error = named(name, cause);
    if (error.code === 'plugin-output-invalid') place.onInvalidResult();
    return { execution, error };
  }
}

function notExecuted({ name, nowMs }: PluginExecution, error: unknown): ExecutedPlugin {
  return { execution: { startedAt: formatTime(nowMs), durationMs: 0 }, error: named(name, error) };
}

/** Says which plugin an error is about; anything that is not a CodedError is a defect and is thrown on. */
function named(name: string, error: unknown): CodedError {
  if (!(error instanceof CodedError)) throw error;
  return new CodedError(error.code, `plugin ${name}: ${error.message}`, error.errors, { cause: error });
}
