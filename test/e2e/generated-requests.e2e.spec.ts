import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Site } from '@signalbox/testing';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import {
  type GeneratedRequest,
  type OpenApi,
  type Operation,
  randomOf,
  RequestGenerator,
} from './request-generator.js';

jest.setTimeout(300_000);

const REQUESTS = 10_000;
const AT_ONCE = 16;
/** No answer may take longer; only what says `wait` may come near. Milliseconds. */
const ANSWER_MS = 20_000;
const SEED = Number(process.env['SIGNALBOX_TEST_SEED'] ?? Date.now() % 1_000_000);
/** What a file of the site holds and a query brings: nobody may ever read it. */
const PLANTED = 'planted-7e1f0a9c2b';
/** Streams have no end, and these keep the whole site busy: they have tests of their own. */
const LEFT_OUT = /\/stream$|^\/v1\/projections|^\/v1\/compactions/;

describe('requests that are made from the OpenAPI document', () => {
  let site: Site;
  let document: OpenApi;
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  const checks = new Map<string, ValidateFunction>();
  /** How many answers there were of each status. */
  const answers = new Map<number, number>();

  beforeAll(async () => {
    site = await Site.start();
    await writeFile(join(site.secretDir, 'edge.key'), PLANTED, { mode: 0o600 });
    document = JSON.parse(await readFile('docs/reference/openapi.json', 'utf8')) as OpenApi;
    ajv.addSchema(document, 'openapi');
    expect((await site.rest('POST', '/v1/apply?wait=60s', resources(site.secretDir))).status).toBe(200);
    for (const subject of ['a', 'b', 'c'])
      await site.rest('POST', '/v1/groups/edge/events', { id: `evt-${subject}`, type: 'host.seen', subject });
  });
  afterAll(() => site?.stop());

  /** Why an answer is not one that the document promises; undefined when it is. */
  function faultOf(
    { template, path, method, operation }: GeneratedRequest,
    status: number,
    type: string,
    text: string,
  ): string | undefined {
    const mayBeLate = /[?&]minRevision=/.test(path) || template.includes('/vpp/');
    if (status >= 500 && !(status === 503 && mayBeLate && text.includes('"not-ready"')))
      return `status ${status}: ${text.slice(0, 300)}`;
    if (text.includes(PLANTED) || text.includes(site.token)) return `tells a secret: ${text.slice(0, 300)}`;
    if (status === 304 || text === '') return undefined;
    const isProblem = type.startsWith('application/problem+json');
    if (status >= 400 && !isProblem)
      return `status ${status} is no problem+json but ${type}: ${text.slice(0, 300)}`;
    if (!type.includes('json')) return undefined;
    const check = isProblem
      ? checkOf('openapi#/components/schemas/ProblemDto')
      : checkOf(placeOf(template, method, operation, status, type));
    if (!check) return `status ${status} as ${type} is not in the document`;
    return check(JSON.parse(text))
      ? undefined
      : `status ${status}: ${ajv.errorsText(check.errors)}: ${text.slice(0, 300)}`;
  }

  function placeOf(
    template: string,
    method: string,
    operation: Operation,
    status: number,
    type: string,
  ): string | undefined {
    const promised = operation.responses as Record<string, { content?: Record<string, unknown> }>;
    const [media = ''] = type.split(';');
    if (!promised[status]?.content?.[media]) return undefined;
    const steps = [
      'paths',
      template,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      media,
      'schema',
    ];
    return `openapi#/${steps.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  }

  function checkOf(place: string | undefined): ValidateFunction | undefined {
    if (place === undefined) return undefined;
    const known = checks.get(place) ?? ajv.compile({ $ref: place });
    checks.set(place, known);
    return known;
  }

  async function send(request: GeneratedRequest): Promise<string | undefined> {
    const { method, path, headers, body } = request;
    const isAnonymous = headers['x-anonymous'] !== undefined;
    const response = await fetch(`${site.url}${path}`, {
      method,
      headers: { ...headers, ...(!isAnonymous && { authorization: `Bearer ${site.token}` }) },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    answers.set(response.status, (answers.get(response.status) ?? 0) + 1);
    return faultOf(
      request,
      response.status,
      response.headers.get('content-type') ?? '',
      await response.text(),
    );
  }

  it(`get answers that it promises, and no secret, ${REQUESTS} of them (seed ${SEED})`, async () => {
    const random = randomOf(SEED);
    const generator = new RequestGenerator(document, random, KNOWN);
    const operations = Object.entries(document.paths)
      .filter(([path]) => !LEFT_OUT.test(path))
      .flatMap(([path, item]) =>
        Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
      );
    const faults = new Map<string, string>();
    let sent = 0;
    const worker = async (): Promise<void> => {
      while (sent < REQUESTS) {
        const { path, method, operation } = operations[sent % operations.length]!;
        sent += 1;
        const request = generator.of(path, method, operation);
        const fault = await send(request).catch((error: unknown) => `no answer: ${String(error)}`);
        if (fault !== undefined)
          faults.set(
            `${method} ${path}`,
            `${request.path} ${JSON.stringify(request.headers)} ${request.body ?? ''}\n  ${fault}`.slice(
              0,
              1500,
            ),
          );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect([...faults].map(([operation, fault]) => `${operation}: ${fault}`)).toEqual([]);
    expect(answers.get(200)).toBeGreaterThan(REQUESTS / 20);
    expect(site.log).not.toContain(PLANTED);
    expect(site.log.replaceAll(/token.*\n/g, '')).not.toContain(site.token);
    expect((await site.rest('GET', '/v1/status')).status).toBe(200);
  });
});

/** Values that lead to something in the site of this test. */
const KNOWN = {
  group: ['edge', 'default'],
  groupRef: ['edge'],
  kind: ['EventGroup', 'Backend', 'Pool', 'Thing'],
  org: ['acme'],
  project: ['shop', 'default'],
  name: ['edge', 'web-1', 'web', 'a'],
  pool: ['web'],
  backend: ['web-1'],
  frontend: ['front'],
  id: ['evt-a', 'evt-b', 'revision-1', 'new-1'],
  revision: ['1', '2'],
  to: ['1', '2'],
  wait: ['1ms', '10ms'],
  after: [PLANTED, ''],
  at: ['1', '1h'],
  minRevision: ['1'],
  since: ['1h'],
  until: ['0s'],
};

function resources(secretDir: string): string {
  return [
    `{apiVersion: federation.routerd.net/v1alpha1, kind: EventGroup, metadata: {name: edge}, spec: {nodeName: edge.test, auth: {mode: hmac, secretFile: ${secretDir}/edge.key}}}`,
    '{apiVersion: balance.signalbox.dev/v1alpha1, kind: Org, metadata: {name: acme}, spec: {}}',
    '{apiVersion: balance.signalbox.dev/v1alpha1, kind: Project, metadata: {name: shop}, spec: {org: acme}}',
    '{apiVersion: example.org/v1, kind: Thing, metadata: {name: a}, spec: {x: 1}}',
  ].join('\n---\n');
}
