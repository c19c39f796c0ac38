import {
  CodedError,
  isDuration,
  formatTime,
  keyOf,
  parseDuration,
  PLUGIN_API,
  timestampNs,
  ZERO_TIME,
  type Directive,
  type FactOutcome,
  type FieldError,
  type PluginResult,
  type Resource,
} from '@signalbox/contracts';
import { readActionPlan } from './action-plan.js';
import { decodeOutput } from './decode-output.js';
import {
  isObject,
  optionalList,
  optionalText,
  requiredObject,
  requiredText,
  requiredWord,
  type JsonObject,
} from './fields.js';
import { Problems } from './problems.js';
import { isStorableTime, partEndMs } from './proposed-part.js';
import { RESULT_LIMITS } from './result-limits.js';
import { shorten } from './short-text.js';

/** What a result is held to. */
export interface ResultRules {
  /** Our clock when the result is read, milliseconds since 1970. */
  readonly nowMs: number;
  /** `spec.capabilities` of the plugin. */
  readonly capabilities: readonly string[];
  /** Ids of the events in the request; outcomes may name no other. */
  readonly eventIds: readonly string[];
  /** Checks one resource by its kind and returns its normal form; throws a CodedError with `/spec/…` pointers. */
  readonly validate: (input: unknown) => Resource;
}

const SEVERITIES = ['fatal', 'warning', 'normal'] as const;
const OUTCOMES = ['applied', 'ignored', 'failed'] as const;

/**
 * The PluginResult on a plugin's stdout, checked in form (reference 6.5, P1, P3-P5, P14). Unknown members of the
 * document and of `status` are ignored, as the reference does; every known one is checked. `results` and
 * `outcomes` (our additions) may stand in `status` or beside it, so that a fatal result is never overlooked.
 *
 * Throws, in this order: `plugin-output-invalid` when there is no PluginResult at all; `plugin-exit` with the
 * plugin's own message when it reports a fatal result; `capability-missing` when it proposes what it may not;
 * `plugin-output-invalid` with a JSON Pointer per wrong field.
 */
export function parsePluginResult(stdout: string, rules: ResultRules): PluginResult {
  const problems = new Problems();
  const document = readEnvelope(decodeOutput(stdout), problems);
  problems.throwIfAny();
  const status = isObject(document['status']) ? document['status'] : {};

  throwIfFatal([
    ...readReports(document['results'], '/results', problems),
    ...readReports(status['results'], '/status/results', problems),
  ]);
  requiredObject(document['status'], '/status', problems);

  const lists = {
    resources: optionalList(status['resources'], '/status/resources', problems),
    directives: optionalList(status['directives'], '/status/directives', problems),
    actionPlans: optionalList(status['actionPlans'], '/status/actionPlans', problems),
  };
  throwIfNotAllowed(lists, rules.capabilities);

  const ttlMs = readTtl(status['ttl'], problems);
  const observedAt = readObservedAt(status['observedAt'], rules.nowMs, problems);
  if (ttlMs !== undefined && observedAt !== undefined && !isStorableTime(partEndMs(observedAt, ttlMs)))
    problems.add('/status/ttl', 'is too long: the part must end before the year 10000');

  const resources = readResources(lists.resources, rules.validate, problems);
  const directives = lists.directives.flatMap(
    (item, at) => readDirective(item, `/status/directives/${at}`, problems) ?? [],
  );
  const actionPlans = lists.actionPlans.flatMap(
    (item, at) => readActionPlan(item, `/status/actionPlans/${at}`, problems) ?? [],
  );
  readPluginEvents(status['events'], problems);
  const outcomes = readOutcomes(document, status, rules.eventIds, problems);

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

function readEnvelope(decoded: unknown, problems: Problems): JsonObject {
  const document = requiredObject(decoded, '', problems);
  if (document === undefined) return {};
  if (document['apiVersion'] !== PLUGIN_API) problems.add('/apiVersion', `must be ${PLUGIN_API}`);
  if (document['kind'] !== 'PluginResult') problems.add('/kind', 'must be PluginResult');
  return document;
}

/** One entry of `results`: what the plugin says about the run as a whole. */
interface Report {
  readonly pointer: string;
  readonly severity: (typeof SEVERITIES)[number];
  readonly reason: string;
  readonly message: string;
}

function readReports(input: unknown, pointer: string, problems: Problems): Report[] {
  return optionalList(input, pointer, problems).flatMap((item, at) => {
    const here = `${pointer}/${at}`;
    const report = requiredObject(item, here, problems);
    if (report === undefined) return [];
    const severity = requiredWord(report['severity'], SEVERITIES, `${here}/severity`, problems);
    const reason = optionalText(report['reason'], `${here}/reason`, problems) ?? '';
    const message = optionalText(report['message'], `${here}/message`, problems) ?? '';
    optionalText(report['eventId'], `${here}/eventId`, problems);
    return severity === undefined ? [] : [{ pointer: here, severity, reason, message }];
  });
}

function throwIfFatal(reports: readonly Report[]): void {
  const fatal = reports.filter((report) => report.severity === 'fatal').slice(0, RESULT_LIMITS.errors);
  if (fatal.length === 0) return;
  const errors: FieldError[] = fatal.map(({ pointer, reason, message }) => ({
    pointer,
    message: shorten([reason, message].filter((text) => text !== '').join(': ')) || 'is fatal',
  }));
  const said =
    fatal[0]?.message || fatal[0]?.reason || 'the plugin reported a fatal result without a message';
  throw new CodedError('plugin-exit', shorten(said), errors);
}

function throwIfNotAllowed(
  lists: Readonly<Record<'resources' | 'directives' | 'actionPlans', readonly unknown[]>>,
  capabilities: readonly string[],
): void {
  const needed = {
    resources: 'propose.dynamicConfig',
    directives: 'propose.dynamicConfig',
    actionPlans: 'propose.providerAction',
  } as const;
  const errors = Object.entries(needed)
    .filter(
      ([list, capability]) =>
        lists[list as keyof typeof needed].length > 0 && !capabilities.includes(capability),
    )
    .map(([list, capability]) => ({
      pointer: `/status/${list}`,
      message: `needs the capability ${capability}`,
    }));
  if (errors.length === 0) return;
  throw new CodedError(
    'capability-missing',
    `the plugin returned what it may not propose: ${errors.map((e) => `${e.pointer} ${e.message}`).join(', ')}; ` +
      'add it to spec.capabilities of the Plugin if it should',
    errors,
  );
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

function readResources(
  items: readonly unknown[],
  validate: ResultRules['validate'],
  problems: Problems,
): Resource[] {
  const firstAt = new Map<string, number>();
  return items.flatMap((item, at) => {
    const pointer = `/status/resources/${at}`;
    const resource = readResource(item, pointer, validate, problems);
    if (resource === undefined) return [];
    const key = keyOf(resource);
    const first = firstAt.get(key);
    if (first !== undefined) problems.add(pointer, `is the same resource as /status/resources/${first}`);
    else firstAt.set(key, at);
    return [resource];
  });
}

function readResource(
  input: unknown,
  pointer: string,
  validate: ResultRules['validate'],
  problems: Problems,
): Resource | undefined {
  const resource = requiredObject(input, pointer, problems);
  if (resource === undefined) return undefined;
  const metadata = requiredObject(resource['metadata'], `${pointer}/metadata`, problems);
  const complete = [
    requiredText(resource['apiVersion'], `${pointer}/apiVersion`, problems),
    requiredText(resource['kind'], `${pointer}/kind`, problems),
    metadata && requiredText(metadata['name'], `${pointer}/metadata/name`, problems),
    requiredObject(resource['spec'], `${pointer}/spec`, problems),
  ].every((member) => member !== undefined);
  if (!complete) return undefined;
  try {
    return validate(resource);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    if (error.errors.length === 0) problems.add(pointer, error.message);
    for (const field of error.errors) problems.add(pointer + field.pointer, field.message);
    return undefined;
  }
}

function readDirective(input: unknown, pointer: string, problems: Problems): Directive | undefined {
  const directive = requiredObject(input, pointer, problems);
  if (directive === undefined) return undefined;
  if (directive['op'] !== 'mask') problems.add(`${pointer}/op`, 'must be mask');
  const reason = optionalText(directive['reason'], `${pointer}/reason`, problems);
  const target = requiredObject(directive['target'], `${pointer}/target`, problems);
  if (target === undefined) return undefined;
  const apiVersion = requiredText(target['apiVersion'], `${pointer}/target/apiVersion`, problems);
  const kind = requiredText(target['kind'], `${pointer}/target/kind`, problems);
  const name = requiredText(target['name'], `${pointer}/target/name`, problems);
  if (apiVersion === undefined || kind === undefined || name === undefined) return undefined;
  return {
    op: 'mask',
    target: { apiVersion, kind, name },
    ...(reason !== undefined && { reason: shorten(reason) }),
  };
}

/** `status.events` are for people who run the plugin by hand; nothing is kept of them. */
function readPluginEvents(input: unknown, problems: Problems): void {
  optionalList(input, '/status/events', problems).forEach((item, at) =>
    requiredObject(item, `/status/events/${at}`, problems),
  );
}

function readOutcomes(
  document: JsonObject,
  status: JsonObject,
  eventIds: readonly string[],
  problems: Problems,
): FactOutcome[] {
  const open = new Set(eventIds);
  const known = new Set(eventIds);
  const places = [
    { list: document['outcomes'], pointer: '/outcomes' },
    { list: status['outcomes'], pointer: '/status/outcomes' },
  ];
  return places.flatMap(({ list, pointer }) =>
    optionalList(list, pointer, problems).flatMap((item, at) => {
      const here = `${pointer}/${at}`;
      const entry = requiredObject(item, here, problems);
      if (entry === undefined) return [];
      const eventId = requiredText(entry['eventId'], `${here}/eventId`, problems);
      const outcome = requiredWord(entry['outcome'], OUTCOMES, `${here}/outcome`, problems);
      const reason = optionalText(entry['reason'], `${here}/reason`, problems);
      if (eventId === undefined || outcome === undefined) return [];
      if (!known.has(eventId)) problems.add(`${here}/eventId`, 'must name an event of the request');
      else if (!open.delete(eventId)) problems.add(`${here}/eventId`, 'has an outcome already');
      return [{ eventId, outcome, ...(reason !== undefined && { reason: shorten(reason) }) }];
    }),
  );
}
