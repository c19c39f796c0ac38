import {
  CodedError,
  formatTime,
  type Execution,
  type PluginRequest,
  type PluginResult,
  type PluginSpec,
} from '@signalbox/contracts';
import { readPluginResult } from '../domain/plugin-result.js';
import type { Redaction } from '../domain/redaction.js';
import type { Validate } from '../domain/proposed-resources.js';
import type { Answer } from './answer.js';
import type { Containment } from './containment/containment.js';
import type { EndpointAgents } from './endpoint/endpoint-agents.js';
import type { PluginPools } from './persistent/plugin-pools.js';

/** One execution of a plugin. */
export interface PluginExecution {
  /** Name of the Plugin resource, for messages. */
  readonly name: string;
  readonly spec: PluginSpec;
  /** Directories that plugins may stand in. */
  readonly pluginDirs: readonly string[];
  /** Directories that files of secrets may lie in. */
  readonly secretDirs: readonly string[];
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
  /** Connections to the endpoints of plugins of mode http. Absent: they end with this run. */
  readonly endpoints?: EndpointAgents;
  /** Processes of persistent plugins. Absent: the process of a persistent plugin ends with this run. */
  readonly pools?: PluginPools;
  /**
   * Awaited after the trust check and before the plugin sees anything of the request, so that the caller can record
   * the start durably. What an endpoint runs has no digest. What it throws is thrown on, and nothing is executed.
   */
  readonly onStart?: (pluginDigest?: string) => Promise<void>;
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

/** What an answer is judged by beside the execution that it is for. */
export interface Answered {
  /** How long it took, whole milliseconds. */
  readonly durationMs: number;
  /** The secrets of the plugin. */
  readonly redaction: Redaction;
  /** Tag that the answer must carry. */
  readonly tag?: string;
}

/** What a plugin answered, judged. Throws as `readPluginResult`. */
export function resultOf(
  answer: Answer,
  { spec, request, nowMs, validate }: PluginExecution,
  { durationMs, redaction, tag }: Answered,
): PluginResult {
  if ('error' in answer) throw answer.error;
  return readPluginResult(answer.document, {
    nowMs: nowMs + durationMs,
    capabilities: spec.capabilities ?? [],
    eventIds: request.spec.events.map((event) => String(event['id'])),
    validate,
    redaction,
    ...(tag !== undefined && { tag }),
  });
}

/** It never came to be executed, for the reason in `error`. Throws what is no CodedError: a defect. */
export function notExecuted({ name, nowMs }: PluginExecution, error: unknown): ExecutedPlugin {
  return { execution: { startedAt: formatTime(nowMs), durationMs: 0 }, error: named(name, error) };
}

/** Says which plugin an error is about; anything that is not a CodedError is a defect and is thrown on. */
export function named(name: string, error: unknown): CodedError {
  if (!(error instanceof CodedError)) throw error;
  return new CodedError(error.code, `plugin ${name}: ${error.message}`, error.errors, { cause: error });
}
