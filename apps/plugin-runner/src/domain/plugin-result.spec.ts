import { describe, expect, test } from '@jest/globals';
import { CodedError, type PluginResult, type Resource } from '@signalbox/contracts';
import { parsePluginResult, type ResultRules } from './plugin-result.js';
import { toProposedPart } from './proposed-part.js';

const NOW = Date.parse('2026-05-30T12:00:00.000Z');
const rules: ResultRules = {
  nowMs: NOW,
  capabilities: ['propose.dynamicConfig', 'propose.providerAction'],
  eventIds: ['e1', 'e2'],
  validate: (input) => input as Resource,
};

const claim = {
  apiVersion: 'hybrid.routerd.net/v1alpha1',
  kind: 'RemoteAddressClaim',
  metadata: { name: 'onprem-10-88-60-9' },
  spec: { address: '10.88.60.9/32' },
};
const target = { apiVersion: 'routerd.net/v1alpha1', kind: 'Route', name: 'old' };
const mask = { op: 'mask', target, reason: 'moved' };
const plan = {
  name: 'assign',
  provider: 'aws',
  action: 'assign-secondary-ip',
  target: { address: '10.88.60.9/32', nicRef: 'eni-1' },
  mode: 'dry-run',
  riskLevel: 'medium',
  undo: { action: 'unassign-secondary-ip', parameters: { force: 'no' } },
};

function document(status: unknown, rest: object = {}): string {
  return JSON.stringify({
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'PluginResult',
    metadata: { name: 'p' },
    status,
    ...rest,
  });
}

function parse(status: unknown, more: Partial<ResultRules> = {}, rest: object = {}): PluginResult {
  return parsePluginResult(document(status, rest), { ...rules, ...more });
}

function refusal(act: () => unknown): CodedError {
  try {
    act();
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('P1 a valid result', () => {
  test('becomes typed, times filled in', () => {
    const result = parse({
      observedAt: '2026-05-30T11:59:00Z',
      ttl: '30m',
      resources: [claim],
      directives: [mask],
      actionPlans: [plan],
      events: [{ type: 'seen', message: 'x', attributes: { a: 'b' } }],
      outcomes: [{ eventId: 'e2', outcome: 'ignored', reason: 'not ours' }],
      results: [{ severity: 'warning', reason: 'Slow', message: 'took long', eventId: 'e1' }],
      somethingNewer: 1,
    });
    expect(result).toEqual({
      observedAt: '2026-05-30T11:59:00Z',
      ttlMs: 1_800_000,
      resources: [claim],
      directives: [mask],
      actionPlans: [plan],
      outcomes: [{ eventId: 'e2', outcome: 'ignored', reason: 'not ours' }],
    });
  });

  test('may be YAML', () => {
    const text = 'apiVersion: plugin.routerd.net/v1alpha1\nkind: PluginResult\nstatus:\n  ttl: 10s\n';
    expect(parsePluginResult(text, rules).ttlMs).toBe(10_000);
  });

  test('absent lists may be null, as Go writes them', () => {
    const result = parse({ ttl: '1s', resources: null, directives: null, actionPlans: null, events: null });
    expect(result.resources).toEqual([]);
  });

  test('S14 keeps action plans beside the resources', () => {
    const result = parse({ ttl: '1m', resources: [claim], actionPlans: [plan] });
    expect(result.actionPlans).toEqual([plan]);
    expect(result.resources).toEqual([claim]);
  });

  test('keeps the normal form that the kind gives', () => {
    const normal = { ...claim, spec: { address: 'normal' } };
    expect(parse({ ttl: '1m', resources: [claim] }, { validate: () => normal }).resources).toEqual([normal]);
  });
});

test.each([[undefined], [null], [''], ['0001-01-01T00:00:00Z']])(
  'P5 observedAt %p means now',
  (observedAt) => {
    expect(parse({ ttl: '1s', observedAt }).observedAt).toBe('2026-05-30T12:00:00.000Z');
  },
);

describe('P4 refused in form', () => {
  test.each<[string, unknown, string, string]>([
    ['no status', undefined, '/status', 'is required'],
    ['no ttl', {}, '/status/ttl', 'is required'],
    ['a zero ttl', { ttl: '0s' }, '/status/ttl', 'above zero'],
    ['a negative ttl', { ttl: '-5m' }, '/status/ttl', 'above zero'],
    ['a ttl that is a number', { ttl: 30 }, '/status/ttl', 'must be a text'],
    ['a ttl beyond every calendar', { ttl: '99999999999h' }, '/status/ttl', '0000-9999'],
    ['a time that is none', { ttl: '1s', observedAt: 'today' }, '/status/observedAt', 'RFC 3339'],
    [
      'a time ahead',
      { ttl: '1s', observedAt: '2026-05-30T12:05:00.001Z' },
      '/status/observedAt',
      '5 minutes',
    ],
    [
      'a part that ends before year 0',
      { ttl: '1s', observedAt: '0000-01-01T00:00:00+10:00' },
      '/status/ttl',
      '0000-9999',
    ],
    ['resources that are no list', { ttl: '1s', resources: {} }, '/status/resources', 'must be a list'],
    [
      'a resource that is a text',
      { ttl: '1s', resources: ['x'] },
      '/status/resources/0',
      'must be an object',
    ],
    [
      'an empty name',
      { ttl: '1s', resources: [claim, { ...claim, metadata: { name: ' ' } }] },
      '/status/resources/1/metadata/name',
      'is required',
    ],
    [
      'an untyped spec',
      { ttl: '1s', resources: [{ ...claim, spec: 'address=1' }] },
      '/status/resources/0/spec',
      'must be an object',
    ],
    [
      'no kind',
      { ttl: '1s', resources: [{ ...claim, kind: '' }] },
      '/status/resources/0/kind',
      'is required',
    ],
    ['one resource twice', { ttl: '1s', resources: [claim, claim] }, '/status/resources/1', 'resources/0'],
    [
      'another op',
      { ttl: '1s', directives: [{ op: 'delete', target }] },
      '/status/directives/0/op',
      'must be mask',
    ],
    ['no target', { ttl: '1s', directives: [{ op: 'mask' }] }, '/status/directives/0/target', 'is required'],
    [
      'half a target',
      { ttl: '1s', directives: [mask, { op: 'mask', target: { ...target, kind: '' } }] },
      '/status/directives/1/target/kind',
      'is required',
    ],
    [
      'an outcome for a fact that was not given',
      { ttl: '1s', outcomes: [{ eventId: 'e9', outcome: 'applied' }] },
      '/status/outcomes/0/eventId',
      'event of the request',
    ],
    [
      'two outcomes for one fact',
      { ttl: '1s', outcomes: ['applied', 'failed'].map((outcome) => ({ eventId: 'e1', outcome })) },
      '/status/outcomes/1/eventId',
      'already',
    ],
    [
      'an unknown outcome',
      { ttl: '1s', outcomes: [{ eventId: 'e1', outcome: 'maybe' }] },
      '/status/outcomes/0/outcome',
      'applied, ignored, failed',
    ],
    [
      'an unknown severity',
      { ttl: '1s', results: [{ severity: 'FATAL' }] },
      '/status/results/0/severity',
      'fatal',
    ],
    ['events that are no list', { ttl: '1s', events: 'x' }, '/status/events', 'must be a list'],
  ])('%s', (_, status, pointer, message) => {
    const error = refusal(() => parse(status));
    expect(error.code).toBe('plugin-output-invalid');
    expect(error.errors).toContainEqual({ pointer, message: expect.stringContaining(message) });
  });

  test.each([
    ['apiVersion', { apiVersion: 'plugin.routerd.net/v1' }, '/apiVersion'],
    ['kind', { kind: 'PluginRequest' }, '/kind'],
  ])('another %s', (_, rest, pointer) => {
    expect(refusal(() => parse({ ttl: '1s' }, {}, rest)).errors[0]?.pointer).toBe(pointer);
  });

  test('a document that is a list', () => {
    expect(refusal(() => parsePluginResult('[]', rules)).code).toBe('plugin-output-invalid');
  });

  test('what the kind refuses, under the index of the resource', () => {
    const validate = (): Resource => {
      throw new CodedError('validation-failed', 'no', [
        { pointer: '/spec/address', message: 'must be a /32' },
      ]);
    };
    expect(refusal(() => parse({ ttl: '1s', resources: [claim] }, { validate })).errors).toEqual([
      { pointer: '/status/resources/0/spec/address', message: 'must be a /32' },
    ]);
  });

  test('a defect in the check of a kind is not blamed on the plugin', () => {
    const validate = (): Resource => {
      throw new TypeError('our defect');
    };
    expect(() => parse({ ttl: '1s', resources: [claim] }, { validate })).toThrow(TypeError);
  });

  test('everything wrong is named at once, within bounds', () => {
    const error = refusal(() => parse({ resources: Array.from({ length: 1000 }, () => 'x'.repeat(10)) }));
    expect(error.errors).toHaveLength(32);
    expect(error.message).toContain('/status/ttl is required');
    expect(error.message).toContain('(and 1000 more)');
  });
});

describe('action plans, reference 8.1', () => {
  const at = (change: object): CodedError =>
    refusal(() => parse({ ttl: '1s', actionPlans: [plan, { ...plan, ...change }] }));

  test.each<[string, object, string, string]>([
    ['no name', { name: '' }, 'name', 'is required'],
    ['an unknown provider', { provider: 'ibm' }, 'provider', 'aws, azure, oci, gcp'],
    ['an unknown verb', { action: 'reboot' }, 'action', 'assign-secondary-ip'],
    ['mode execute', { mode: 'execute' }, 'mode', 'only proposes'],
    ['another mode', { mode: 'later' }, 'mode', 'dry-run'],
    ['an unknown risk', { riskLevel: 'none' }, 'riskLevel', 'low, medium, high'],
    ['an unknown undo', { undo: { action: 'pray' } }, 'undo/action', 'must be one of'],
    ['no address', { target: { nicRef: 'eni-1' } }, 'target/address', 'assign-secondary-ip'],
    [
      'no nicRef',
      { target: { address: '10.0.0.1/32', nicRef: ' ' } },
      'target/nicRef',
      'assign-secondary-ip',
    ],
    [
      'no route table for the route-table strategy',
      { target: { ...plan.target, captureStrategy: 'route-table' } },
      'target/routeTableRef',
      'is required',
    ],
    [
      'a route without its table',
      { action: 'assign-route-table-route' },
      'target/routeTableRef',
      'is required',
    ],
    ['a number as parameter', { parameters: { count: 3 } }, 'parameters/count', 'must be a text'],
    [
      'a precondition without name',
      { preconditions: [{ expect: 'x' }] },
      'preconditions/0/name',
      'is required',
    ],
    ['an effect that is no text', { expectedEffects: [1] }, 'expectedEffects/0', 'must be a text'],
  ])('%s is refused under its index', (_, change, field, message) => {
    const error = at(change);
    expect(error.code).toBe('plugin-output-invalid');
    expect(error.errors).toContainEqual({
      pointer: `/status/actionPlans/1/${field}`,
      message: expect.stringContaining(message),
    });
  });

  test('a forwarding plan needs no target', () => {
    const forwarding = { name: 'fwd', provider: 'oci', action: 'ensure-forwarding-enabled', mode: '' };
    expect(parse({ ttl: '1s', actionPlans: [forwarding] }).actionPlans).toEqual([
      { ...forwarding, target: {} },
    ]);
  });
});

describe('P14 capabilities', () => {
  const observer = { capabilities: ['observe.cloud'] };

  test.each<[string, object, string]>([
    ['resources', { resources: [claim] }, 'propose.dynamicConfig'],
    ['directives', { directives: [mask] }, 'propose.dynamicConfig'],
    ['actionPlans', { actionPlans: [plan] }, 'propose.providerAction'],
  ])('%s without the capability are refused', (list, status, capability) => {
    const error = refusal(() => parse({ ttl: '1s', ...status }, observer));
    expect(error.code).toBe('capability-missing');
    expect(error.errors).toEqual([
      { pointer: `/status/${list}`, message: `needs the capability ${capability}` },
    ]);
  });

  test('one capability does not stand for the other', () => {
    const planner = { capabilities: ['propose.providerAction'] };
    expect(refusal(() => parse({ ttl: '1s', resources: [claim] }, planner)).code).toBe('capability-missing');
  });

  test('a result that proposes nothing needs none', () => {
    expect(parse({ ttl: '1s', resources: [] }, observer).resources).toEqual([]);
  });
});

describe('fatal results', () => {
  const fatal = { severity: 'fatal', reason: 'NoQuota', message: 'the NIC is full', eventId: 'e1' };

  test.each<[string, object, object]>([
    ['in status', { results: [{ severity: 'normal' }, fatal] }, {}],
    ['beside status', {}, { results: [{ severity: 'normal' }, fatal] }],
  ])('%s fail the run with their message, whatever else is wrong', (_, status, rest) => {
    const error = refusal(() => parse(status, {}, rest));
    expect(error.code).toBe('plugin-exit');
    expect(error.message).toBe('the NIC is full');
    expect(error.errors[0]?.message).toBe('NoQuota: the NIC is full');
  });

  test('a message of any length is kept short', () => {
    const error = refusal(() => parse({ results: [{ ...fatal, message: '😀'.repeat(5000) }] }));
    expect(error.message.length).toBeLessThanOrEqual(1024);
    expect(error.message).not.toMatch(/\p{Cs}/u);
  });
});

test('the proposed part ends at observedAt + ttl', () => {
  const result = parse({ ttl: '90s', observedAt: '2026-05-30T14:00:00+02:00', resources: [claim] });
  expect(toProposedPart(result)).toEqual({
    observedAt: '2026-05-30T14:00:00+02:00',
    expiresAt: '2026-05-30T12:01:30.000Z',
    resources: [claim],
    directives: [],
    actionPlans: [],
  });
});
