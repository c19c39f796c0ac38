import {
  CodedError,
  formatTime,
  parseDuration,
  type Execution,
  type PluginRequest,
  type PluginResult,
  type PluginSpec,
} from '@signalbox/contracts';
import { parsePluginResult } from '../domain/plugin-result.js';
import type { Validate } from '../domain/proposed-resources.js';
import { shorten } from '../domain/short-text.js';
import { PROCESS_LIMITS } from './limits.js';
import { openTrustedPlugin } from './plugin-file.js';
import { runProcess, type ProcessOutcome } from './run-process.js';

/** One execution of a plugin. */
export interface PluginExecution {
  /** Name of the Plugin resource, for messages. */
  readonly name: string;
  readonly spec: PluginSpec;
  /** Directories that plugins may stand in. */
  readonly pluginDirs: readonly string[];
  readonly request: PluginRequest;
  /** Our clock at the start, milliseconds since 1970. */
  readonly nowMs: number;
  readonly validate: Validate;
  /** Shutdown: ends the process; the error is then `run-lost`. */
  readonly signal?: AbortSignal;
  /**
   * Awaited after the trust check and before the process exists, so that the caller can record the start durably.
   * What it throws is thrown on, and nothing is executed.
   */
  readonly onStart?: (pluginDigest: string) => Promise<void>;
}

/** How it went: a `result`, or an `error` that says why there is none. */
export interface ExecutedPlugin {
  readonly execution: Execution;
  readonly result?: PluginResult;
  readonly error?: CodedError;
}

/**
 * Runs a plugin once and judges it in the reference's order (6.6): executable and trust, timeout, run, deadline,
 * output limits, exit code, decode. Whatever the plugin does wrong comes back as `error`; only `onStart` and defects
 * of ours throw.
 *
 * Codes: `plugin-untrusted`, `plugin-start-failed`, `run-lost`, `plugin-timeout`, `plugin-output-limit`,
 * `plugin-exit`, `plugin-output-invalid`, `capability-missing`.
 */
export async function executePlugin(input: PluginExecution): Promise<ExecutedPlugin> {
  const { name, spec, request, nowMs } = input;
  const startedAt = formatTime(nowMs);

  let plugin: { readonly path: string; readonly sha256: string };
  let timeoutMs: number;
  try {
    plugin = await openTrustedPlugin(spec, input.pluginDirs);
    timeoutMs = readTimeout(spec.timeout);
  } catch (error) {
    return { execution: { startedAt, durationMs: 0 }, error: named(name, error) };
  }

  await input.onStart?.(plugin.sha256);
  const outcome = await runProcess({
    path: plugin.path,
    env: spec.env ?? {},
    timeoutMs,
    stdin: `${JSON.stringify(request)}\n`,
    ...(input.signal && { signal: input.signal }),
  });
  const execution: Execution = {
    startedAt,
    durationMs: outcome.durationMs,
    pluginDigest: plugin.sha256,
    ...(outcome.exitCode !== undefined && { exitCode: outcome.exitCode }),
    ...(outcome.signal !== undefined && { signal: outcome.signal }),
    stdoutDigest: outcome.stdoutDigest,
    ...(outcome.stderrTail !== '' && { stderr: outcome.stderrTail }),
  };

  try {
    throwUnlessClean(outcome, spec.timeout);
    const result = parsePluginResult(outcome.stdout, {
      nowMs: nowMs + outcome.durationMs,
      capabilities: spec.capabilities ?? [],
      eventIds: request.spec.events.map((event) => String(event['id'])),
      validate: input.validate,
    });
    return { execution, result };
  } catch (error) {
    return { execution, error: named(name, error) };
  }
}

function readTimeout(timeout: string | undefined): number {
  if (timeout === undefined) return PROCESS_LIMITS.timeoutMs;
  let ms = 0;
  let cause: unknown;
  try {
    ms = parseDuration(timeout);
  } catch (error) {
    cause = error;
  }
  if (ms > 0) return ms;
  throw new CodedError(
    'plugin-start-failed',
    `spec.timeout "${timeout}" is not a duration above zero: write for example 10s`,
    [],
    { cause },
  );
}

/** The first thing that is wrong with how the process ended, in the order of reference 6.6. */
function throwUnlessClean(outcome: ProcessOutcome, timeout = `${PROCESS_LIMITS.timeoutMs / 1000}s`): void {
  const { stdoutBytes, stderrBytes } = PROCESS_LIMITS;
  if (outcome.startError !== undefined)
    throw new CodedError('plugin-start-failed', `could not be started: ${outcome.startError}`);
  if (outcome.aborted) throw new CodedError('run-lost', 'was ended because the service is shutting down');
  if (outcome.timedOut)
    throw new CodedError(
      'plugin-timeout',
      `timed out after ${timeout}: its processes were ended; raise spec.timeout if it needs longer`,
    );
  if (outcome.limitExceeded === 'stdout')
    throw new CodedError(
      'plugin-output-limit',
      `wrote more than ${stdoutBytes} bytes to stdout and was ended`,
    );
  if (outcome.limitExceeded === 'stderr')
    throw new CodedError(
      'plugin-output-limit',
      `wrote more than ${stderrBytes} bytes to stderr and was ended`,
    );
  if (outcome.exitCode === 0) return;
  const how =
    outcome.exitCode !== undefined
      ? `exited with ${outcome.exitCode}`
      : `was ended by ${outcome.signal ?? 'a signal that nobody reported'}`;
  const said = lastLine(outcome.stderrTail);
  throw new CodedError('plugin-exit', said === '' ? how : `${how}: ${said}`);
}

/** The last line that is not blank; programs say there why they stopped. */
function lastLine(text: string): string {
  return shorten(text.trimEnd().split('\n').at(-1)?.trim() ?? '');
}

/** Says which plugin an error is about; anything that is not a CodedError is a defect and is thrown on. */
function named(name: string, error: unknown): CodedError {
  if (!(error instanceof CodedError)) throw error;
  return new CodedError(error.code, `plugin ${name}: ${error.message}`, error.errors, { cause: error });
}
