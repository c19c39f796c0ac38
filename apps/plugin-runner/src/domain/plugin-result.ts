import {
  formatTime,
  isDuration,
  parseDuration,
  PLUGIN_API,
  timestampNs,
  ZERO_TIME,
  type PluginResult,
} from '@signalbox/contracts';
import { readActionPlan } from './action-plan.js';
import { decodeOutput } from './decode-output.js';
import { readDirective } from './directive.js';
import { readOutcomes } from './fact-outcomes.js';
import {
  isObject,
  optionalList,
  optionalText,
  requiredObject,
  requiredText,
  type JsonObject,
} from './fields.js';
import { throwIfNotAllowed } from './needed-capabilities.js';
import { readReports, throwIfFatal } from './plugin-reports.js';
import { Problems } from './problems.js';
import { isStorableTime, partEndMs } from './proposed-part.js';
import { readResources, type Validate } from './proposed-resources.js';
import { NO_REDACTION, type Redaction } from './redaction.js';
import { RESULT_LIMITS } from './result-limits.js';
import { throwIfSecret } from './secret-in-result.js';

/** What a result is held to. */
export interface ResultRules {
  /** Our clock when the result is read, milliseconds since 1970. */
  readonly nowMs: number;
  /** `spec.capabilities` of the plugin. */
  readonly capabilities: readonly string[];
  /** Ids of the events in the request; outcomes may name no other. */
  readonly eventIds: readonly string[];
  readonly validate: Validate;
  /** Secrets that it must not propose, and that are left out of what it says. Default: none. */
  readonly redaction?: Redaction;
  /** Tag of the request that the result must name in `meta.tag`: on a persistent process nothing else ties the two. */
  readonly tag?: string;
}

/** The PluginResult on a plugin's stdout: {@link decodeOutput}, then {@link readPluginResult}. */
export function parsePluginResult(stdout: string, rules: ResultRules): PluginResult {
  return readPluginResult(decodeOutput(stdout), rules);
}

/**
 * The PluginResult that a plugin wrote, decoded already, checked in form (reference 6.5, P1, P3-P5, P14). Unknown members of the
 * document and of `status` are ignored, as the reference does; every known one is checked. `results` and
 * `outcomes` (our additions) may stand in `status` or beside it, so that a fatal result is never overlooked.
 *
 * Throws, in this order: `plugin-output-invalid` when there is no PluginResult at all; `plugin-exit` with the
 * plugin's own message when it reports a fatal result; `capability-missing` when it proposes what it may not; `secret-in-result`
 * when it proposes a secret;
 * `plugin-output-invalid` with a JSON Pointer per wrong field.
 */
export function readPluginResult(decoded: unknown, rules: ResultRules): PluginResult {
  const problems = new Problems();
  const { redaction = NO_REDACTION } = rules;
  const document = readEnvelope(decoded, problems);
  if (rules.tag !== undefined) requireTag(document['meta'], rules.tag, problems);
  problems.throwIfAny();
  const status = isObject(document['status']) ? document['status'] : {};

  throwIfFatal([
    ...readReports(document['results'], '/results', redaction, problems),
    ...readReports(status['results'], '/status/results', redaction, problems),
  ]);
  requiredObject(document['status'], '/status', problems);

  const proposals = {
    resources: optionalList(status['resources'], '/status/resources', problems),
    directives: optionalList(status['directives'], '/status/directives', problems),
    actionPlans: optionalList(status['actionPlans'], '/status/actionPlans', problems),
  };
  throwIfNotAllowed(proposals, rules.capabilities);
  throwIfSecret(proposals, redaction);

  const ttlMs = readTtl(status['ttl'], problems);
  const observedAt = readObservedAt(status['observedAt'], rules.nowMs, problems);
  if (ttlMs !== undefined && observedAt !== undefined && !isStorableTime(partEndMs(observedAt, ttlMs)))
    problems.add('/status/ttl', 'must let the part end within the years 0000-9999');

  const resources = readResources(proposals.resources, rules.validate, problems);
  const directives = proposals.directives.flatMap(
    (item, at) => readDirective(item, `/status/directives/${at}`, problems) ?? [],
  );
  const actionPlans = proposals.actionPlans.flatMap(
    (item, at) => readActionPlan(item, `/status/actionPlans/${at}`, problems) ?? [],
  );
  readPluginEvents(status['events'], problems);
  const outcomes = readOutcomes(document, status, { eventIds: rules.eventIds, redaction }, problems);

  problems.throwIfAny();
  return {
    observedAt: observedAt ?? formatTime(rules.nowMs),
    ttlMs: ttlMs ?? 0,
    resources,
    directives,
    actionPlans,
    outcomes,
  };
}

/** A line that is late or too much must never be taken for the answer to another request. */
function requireTag(meta: unknown, tag: string, problems: Problems): void {
  if (isObject(meta) && meta['tag'] === tag) return;
  problems.add(
    '/meta/tag',
    `must be the tag of the request, "${tag}": a persistent plugin names the request it answers`,
  );
}

function readEnvelope(decoded: unknown, problems: Problems): JsonObject {
  const document = requiredObject(decoded, '', problems);
  if (document === undefined) return {};
  if (document['apiVersion'] !== PLUGIN_API) problems.add('/apiVersion', `must be ${PLUGIN_API}`);
  if (document['kind'] !== 'PluginResult') problems.add('/kind', 'must be PluginResult');
  return document;
}

function readTtl(input: unknown, problems: Problems): number | undefined {
  const ttl = requiredText(input, '/status/ttl', problems);
  if (ttl === undefined) return undefined;
  const ttlMs = isDuration(ttl) ? parseDuration(ttl) : 0;
  if (ttlMs > 0) return ttlMs;
  problems.add('/status/ttl', 'must be a duration above zero such as 30m');
  return undefined;
}

function readObservedAt(input: unknown, nowMs: number, problems: Problems): string | undefined {
  const text = optionalText(input, '/status/observedAt', problems);
  if (text === undefined || text === ZERO_TIME) return formatTime(nowMs);
  const ns = timestampNs(text);
  if (ns === undefined) problems.add('/status/observedAt', 'must be an RFC 3339 time');
  else if (ns > BigInt(Math.floor(nowMs) + RESULT_LIMITS.aheadMs) * 1_000_000n)
    problems.add('/status/observedAt', 'is more than 5 minutes ahead of our clock');
  else return text;
  return undefined;
}

/** `status.events` are for people who run the plugin by hand; nothing is kept of them. */
function readPluginEvents(input: unknown, problems: Problems): void {
  optionalList(input, '/status/events', problems).forEach((item, at) =>
    requiredObject(item, `/status/events/${at}`, problems),
  );
}
