import { formatTime, type Execution } from '@signalbox/contracts';
import { readAnswer } from './answer.js';
import { UNCONTAINED } from './containment/containment.js';
import { placeOfPlugin } from './containment/place-of-plugin.js';
import { executeEndpoint } from './endpoint/execute-endpoint.js';
import {
  type ExecutedPlugin,
  named,
  notExecuted,
  type PluginExecution,
  resultOf,
} from './executed-plugin.js';
import { throwUnlessComplete } from './judge-outcome.js';
import { PluginPools } from './persistent/plugin-pools.js';
import { openTrustedPlugin, type TrustedPlugin } from './plugin-file.js';
import type { ProcessOutcome } from './process-outcome.js';
import { requestLine } from './request-line.js';
import { ONE_SHOT, type RunPlace } from './run-place.js';
import { settingsOf, type RunSettings } from './run-settings.js';
import { type PluginSecrets, readSecrets } from './secrets/plugin-secrets.js';

/**
 * Runs a plugin once, on a process of its own, on a persistent one or at its endpoint, and judges it in the reference's order (6.6):
 * executable and trust, timeout, run, deadline, output limits, exit code or status, decode. Whatever the plugin does wrong comes
 * back as `error`; only `onStart` and defects of ours throw.
 *
 * Codes: `secret-missing`, `secret-refused`, `secret-in-result`, `plugin-untrusted`, `sandbox-unavailable`, `plugin-start-failed`, `run-lost`,
 * `plugin-timeout`, `plugin-output-limit`, `plugin-exit`, `plugin-output-invalid`, `capability-missing`; of endpoints `plugin-unreachable` and
 * `plugin-refused` too; `not-ready` when too many runs wait for a process.
 */
export async function executePlugin(input: PluginExecution): Promise<ExecutedPlugin> {
  if (input.spec.mode === 'http') return executeEndpoint(input);
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

/** The one place where the modes with a process part. */
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
  let secrets: PluginSecrets;
  try {
    plugin = await openTrustedPlugin(spec, input.pluginDirs);
    containing = placeOfPlugin(spec, plugin, input.containment ?? UNCONTAINED);
    settings = settingsOf(spec);
    secrets = await readSecrets(spec.secrets, input.secretDirs);
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
    secrets,
    timeoutMs: settings.timeoutMs,
    stdin: requestLine(request),
    ...(signal && { signal }),
    tag: request.meta.tag,
    identity: `${plugin.sha256} ${settings.text} ${secrets.identity}`,
    recycle: settings.recycle,
  });
  return outcome ? judge(place, input, { plugin, secrets }, outcome) : executeIn(place, input, true);
}

function judge(
  place: RunPlace,
  input: PluginExecution,
  { plugin, secrets: { redaction } }: { readonly plugin: TrustedPlugin; readonly secrets: PluginSecrets },
  outcome: ProcessOutcome,
): ExecutedPlugin {
  const { name, spec, request, nowMs } = input;
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
    const answer = outcome.answer ?? readAnswer(outcome.stdout, redaction);
    const { durationMs } = outcome;
    const tagged = spec.mode === 'persistent' && { tag: request.meta.tag };
    const result = resultOf(answer, input, { durationMs, redaction, ...tagged });
    return { execution, result };
  } catch (cause) {
    const error = redaction.error(named(name, cause));
    if (error.code === 'plugin-output-invalid') place.onInvalidResult();
    return { execution, error };
  }
}
