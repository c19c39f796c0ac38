import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { CHECKOUT, SHAPES, until } from '@signalbox/testing';
import { parse, stringify } from 'yaml';
import type {
  DeadLetterItem,
  DeliveryItem,
  EmitAnswer,
  EventItem,
  ExplainAnswer,
  PartItem,
  RouterDocument,
  RunItem,
} from '../../apps/cli/src/rest/answers.js';
import {
  delivered,
  type EmittedFact,
  emit,
  FederatedPair,
  findDeliveries,
  findFact,
  fromNow,
  GROUP,
  observation,
  OBSERVED,
  ONPREM_NODE,
} from './federated-pair.js';

jest.setTimeout(300_000);

const ADDRESS = '10.88.60.9/32';
const CLAIM = 'onprem-10-88-60-9';
/** Subjects under it start the plugin that always fails. */
const FAILING_PREFIX = '10.88.61.';

describe.each(SHAPES)(
  'smoke, %s: a fact observed on-premises becomes configuration in the cloud',
  (shape) => {
    let pair: FederatedPair;
    let requestsFile: string;
    /** The fact of the smoke test, as it was emitted. */
    const fact: EmittedFact = observation({
      id: `evt-smoke-${randomBytes(6).toString('hex')}`,
      subject: ADDRESS,
      payload: { domain: 'edge-lan', ownerSide: 'onprem' },
    });

    beforeAll(async () => {
      pair = await FederatedPair.start({ shape });
      requestsFile = join(pair.cloud.stateDir, 'plugin-requests.ndjson');
      await pair.cloud.addPlugin('event-to-remote-claim', teeingPlugin(requestsFile));
      await pair.cloud.addPlugin('always-42', '#!/bin/sh\necho "no such card" >&2\nexit 42\n');
      await pair.applyExamples();
    }, 300_000);

    afterAll(() => pair?.stop(), 300_000);

    it('S1 D11 T1 T2 the whole way: emitted, delivered, run, accepted, rendered with its provenance', async () => {
      const { onprem, cloud } = pair;
      const emitted = await onprem.json<EmitAnswer>('event', 'emit', '--group', GROUP, ...emitFlags(fact));
      expect(emitted).toMatchObject({ accepted: true, id: fact.id, duplicate: false });

      await delivered(onprem, fact.id);
      const deliveries = await onprem.json<DeliveryItem[]>('event', 'deliveries', '--event-id', fact.id);
      expect(deliveries).toMatchObject([
        { eventId: fact.id, group: GROUP, peer: 'cloud', status: 'delivered', attempts: 1, lastError: null },
      ]);
      expect(await cloud.json<EventItem>('event', 'get', fact.id, '--group', GROUP)).toMatchObject({
        ...fact,
        group: GROUP,
        sourceNode: ONPREM_NODE,
        way: 'peer',
      });

      const run = await endedRun(fact.id);
      expect(run).toMatchObject({
        subscription: 'cloud-claims',
        plugin: 'event-to-remote-claim',
        group: GROUP,
        state: 'succeeded',
        attempt: 1,
        source: expect.stringMatching(/^EventSubscription\/cloud-claims\/[0-9a-f]{16}$/),
        executions: [{ attempt: 1, exitCode: 0, outcome: 'proposed' }],
      });
      expect(run.executions).toHaveLength(1);
      expect(await cloud.json<RunItem[]>('run', 'list', '--event-id', fact.id)).toEqual([run]);
      const parts = await cloud.json<PartItem[]>('dynamic', 'list', '--state', 'active');
      expect(parts).toMatchObject([{ source: run.source, generation: 1, state: 'active', resources: 1 }]);

      const claim = {
        apiVersion: 'hybrid.routerd.net/v1alpha1',
        kind: 'RemoteAddressClaim',
        metadata: {
          name: CLAIM,
          annotations: {
            'routerd.net/dynamic-source': 'EventSubscription/cloud-claims',
            'routerd.net/event-group': GROUP,
            'routerd.net/event-id': fact.id,
            'routerd.net/event-subject': ADDRESS,
          },
        },
        spec: {
          address: ADDRESS,
          domainRef: 'edge-lan',
          ownerSide: 'onprem',
          capture: {
            type: 'provider-secondary-ip',
            providerRef: 'example-provider',
            nicRef: 'example-nic-ref',
          },
          delivery: { peerRef: 'onprem-main', tunnelInterface: 'wg-hybrid' },
        },
      };
      for (const format of ['yaml', 'json']) {
        const { code, stdout } = await cloud.cli('dynamic', 'render', '-o', format);
        const document = parse(stdout) as RouterDocument;
        expect([format, code]).toEqual([format, 0]);
        expect(document).toMatchObject({ apiVersion: 'routerd.net/v1alpha1', kind: 'Router' });
        expect(claimsOf(document)).toMatchObject([claim]);
      }

      const requests = await requestsAbout(fact.id);
      expect(requests).toMatchObject([
        {
          apiVersion: 'plugin.routerd.net/v1alpha1',
          kind: 'PluginRequest',
          spec: {
            trigger: {
              type: 'federation-subscription',
              topic: 'routerd.federation.subscription/cloud-claims',
            },
            context: { resources: [] },
          },
        },
      ]);
      expect(requests[0]!.spec.events).toEqual([
        { ...fact, group: GROUP, sourceNode: ONPREM_NODE, dedupeKey: fact.id },
      ]);
    });

    it('S2 T4 E5 the same id with the same times changes nothing', async () => {
      const { onprem, cloud } = pair;
      const before = await aftermath(fact.id);
      expect(await emit(onprem, GROUP, fact)).toMatchObject({ duplicate: true, refreshed: false });
      const flags = ['event', 'emit', '--group', GROUP, ...emitFlags(fact)];
      expect(await onprem.cli(...flags)).toMatchObject({ code: 0 });
      await followUp('10.88.60.10/32');

      expect(await aftermath(fact.id)).toEqual(before);
      expect(before).toMatchObject({
        deliveries: [{ attempts: 1 }],
        runs: [{ attempt: 1, executions: [{ exitCode: 0 }] }],
        parts: [{ generation: 1, state: 'active' }],
        requests: [{ kind: 'PluginRequest' }],
      });
      const rendered = await cloud.json<RouterDocument>('dynamic', 'render');
      expect(claimsOf(rendered).map(({ metadata }) => metadata.name)).toEqual(['onprem-10-88-60-10', CLAIM]);
    });

    it('S3 ownerSide cloud is delivered and stored, and starts nothing', async () => {
      const other = observation({ subject: '10.88.60.11/32', payload: { ownerSide: 'cloud' } });
      await emit(pair.onprem, GROUP, other);
      expect(await delivered(pair.onprem, other.id)).toMatchObject({ attempts: 1 });
      await followUp('10.88.60.12/32');

      expect(await findFact(pair.cloud, GROUP, other.id)).toMatchObject({ id: other.id, expired: false });
      expect(await aftermath(other.id)).toMatchObject({ runs: [], parts: [], requests: [] });
      const explained = await pair.cloud.json<ExplainAnswer>('event', 'explain', other.id, '--group', GROUP);
      expect(explained).toMatchObject({
        decisions: [{ subscription: 'cloud-claims', matched: false, clause: 'payload' }],
        runs: [],
        parts: [],
        resources: [],
      });
      expect(explained.verdict).toContain('wants payload "ownerSide" = "onprem", found "cloud"');
    });

    it('S4 T15 an expired fact has no delivery and never arrives', async () => {
      const expired = observation({
        subject: '10.88.60.13/32',
        payload: { ownerSide: 'onprem' },
        observedAt: fromNow(-600),
        expiresAt: fromNow(-300),
      });
      await emit(pair.onprem, GROUP, expired);
      await followUp('10.88.60.14/32');

      expect(await findFact(pair.onprem, GROUP, expired.id)).toMatchObject({ expired: true });
      expect(await findFact(pair.cloud, GROUP, expired.id)).toBeUndefined();
      expect(await aftermath(expired.id)).toEqual({ deliveries: [], runs: [], parts: [], requests: [] });
    });

    it('S5 a plugin that exits 42 ends failed after 3 attempts, with no part and one dead letter', async () => {
      const { onprem, cloud } = pair;
      await cloud.apply(failingSubscription(join(cloud.pluginDir, 'always-42')));
      const doomed = observation({ subject: `${FAILING_PREFIX}7/32` });
      await emit(onprem, GROUP, doomed);
      const run = await endedRun(doomed.id);
      const failure = { exitCode: 42, outcome: 'failed', error: { code: 'plugin-exit' } };
      expect(run).toMatchObject({
        subscription: 'doomed',
        state: 'failed',
        attempt: 3,
        maxAttempts: 3,
        errorCode: 'plugin-exit',
        error: expect.stringContaining('exited with 42: no such card'),
        executions: [1, 2, 3].map((attempt) => ({ ...failure, attempt })),
      });
      expect(run.executions).toHaveLength(3);
      const letters = await until('the dead letter', async () => {
        const list = await cloud.json<DeadLetterItem[]>('dead', 'list', '--code', 'plugin-exit');
        return list.length > 0 && list;
      });
      expect(letters).toMatchObject([
        { service: 'matcher', about: { runId: run.runId, eventId: doomed.id, plugin: 'always-42' } },
      ]);

      await followUp('10.88.60.15/32');
      expect(await aftermath(doomed.id)).toMatchObject({ runs: [run], parts: [] });
      expect(await cloud.json('dead', 'list', '--code', 'plugin-exit')).toHaveLength(1);
      const explained = await cloud.json<ExplainAnswer>('event', 'explain', doomed.id, '--group', GROUP);
      expect(explained.verdict).toContain('failed after 3 of 3 attempts with plugin-exit');
    });

    it('D11 a bundle with kinds that we do not know is kept and rendered as it is', async () => {
      const { cloud } = pair;
      const unknown = [
        {
          apiVersion: 'net.routerd.net/v1alpha1',
          kind: 'Interface',
          metadata: { name: 'wan0', annotations: { note: 'uplink' } },
          spec: { ifname: 'eth0', mtu: 1420, nested: { list: [1, 'two', null, { three: false }] } },
        },
        {
          apiVersion: 'firewall.routerd.net/v1alpha1',
          kind: 'FirewallZone',
          metadata: { name: 'wan' },
          spec: { interfaces: ['wan0'] },
        },
      ];
      const bundle = {
        apiVersion: 'routerd.net/v1alpha1',
        kind: 'Router',
        metadata: { name: 'startup' },
        spec: { resources: unknown },
      };
      const file = join(cloud.stateDir, 'startup.yaml');
      await writeFile(file, stringify(bundle));
      expect(await cloud.cli('apply', '-f', file)).toMatchObject({ code: 0, stderr: '' });

      const kept = await cloud.json<{ resource: Resource }>('get', 'Interface', 'wan0');
      expect(kept.resource).toMatchObject(unknown[0]!);
      const { resources } = (await cloud.json<RouterDocument>('dynamic', 'render')).spec;
      for (const one of unknown) {
        const rendered = resources.find(
          ({ kind, metadata }) => kind === one.kind && metadata.name === one.metadata.name,
        );
        expect(rendered).toMatchObject(one);
        expect(rendered!.spec).toEqual(one.spec);
      }
      expect(
        claimsOf(await cloud.json<RouterDocument>('dynamic', 'render')).map(({ metadata }) => metadata.name),
      ).toContain(CLAIM);
    });

    /** Sends one more fact the whole way, so that everything before it has been decided. */
    async function followUp(subject: string): Promise<void> {
      const next = observation({ subject, payload: { ownerSide: 'onprem' } });
      await emit(pair.onprem, GROUP, next);
      expect(await endedRun(next.id)).toMatchObject({ state: 'succeeded' });
    }

    /** The one run of a fact, when it has ended. */
    function endedRun(eventId: string): Promise<RunItem> {
      return until(`the end of the run of ${eventId}`, async () => {
        const { items } = await restItems<RunItem>(`/v1/runs?eventId=${eventId}`);
        return items.find(({ state }) => state === 'succeeded' || state === 'failed');
      });
    }

    /** Everything that a fact has led to, on both sites. */
    async function aftermath(eventId: string): Promise<{
      deliveries: readonly DeliveryItem[];
      runs: readonly RunItem[];
      parts: readonly PartItem[];
      requests: readonly Request[];
    }> {
      const { items: parts } = await restItems<PartItem & { facts: { id: string }[] }>(
        '/v1/parts?limit=1000',
      );
      return {
        deliveries: await findDeliveries(pair.onprem, `eventId=${eventId}`),
        runs: (await restItems<RunItem>(`/v1/runs?eventId=${eventId}`)).items,
        parts: parts.filter(({ facts }) => facts.some(({ id }) => id === eventId)),
        requests: await requestsAbout(eventId),
      };
    }

    async function restItems<Item>(path: string): Promise<{ items: Item[] }> {
      return (await pair.cloud.rest<{ items: Item[] }>('GET', path)).body;
    }

    /** What the plugin was given about a fact, in order. */
    async function requestsAbout(eventId: string): Promise<Request[]> {
      const text = await readFile(requestsFile, 'utf8');
      const requests = text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Request);
      return requests.filter(({ spec }) => spec.events.some(({ id }) => id === eventId));
    }
  },
);

/** A PluginRequest as a plugin reads it. */
interface Request {
  readonly kind: string;
  readonly spec: { readonly events: readonly { readonly id: string }[] };
}

/** The example plugin behind a tee: what it is given is appended to a file first. */
function teeingPlugin(requestsFile: string): string {
  const example = join(CHECKOUT, 'examples', 'plugins', 'event-to-remote-claim');
  return `#!/usr/bin/env node
const { spawnSync } = require('node:child_process');
const { appendFileSync, readFileSync } = require('node:fs');
const input = readFileSync(0, 'utf8');
appendFileSync(${JSON.stringify(requestsFile)}, input.trim() + '\\n');
const { status, stdout, stderr } = spawnSync(process.execPath, [${JSON.stringify(example)}], { input });
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = status ?? 1;
`;
}

/** A subscription whose plugin never succeeds, with short back-offs. */
function failingSubscription(executable: string): string {
  const plugin = {
    apiVersion: 'plugin.routerd.net/v1alpha1',
    kind: 'Plugin',
    metadata: { name: 'always-42' },
    spec: { executable, capabilities: ['propose.dynamicConfig'] },
  };
  const subscription = {
    apiVersion: 'federation.routerd.net/v1alpha1',
    kind: 'EventSubscription',
    metadata: { name: 'doomed' },
    spec: {
      groupRef: GROUP,
      match: { types: [OBSERVED], subjectPrefixes: [FAILING_PREFIX] },
      trigger: { pluginRef: 'always-42' },
      retry: { backoff: '50ms', maxBackoff: '100ms' },
    },
  };
  return [plugin, subscription].map((document) => stringify(document)).join('---\n');
}

function claimsOf({ spec }: RouterDocument): Resource[] {
  return spec.resources.filter(({ kind }) => kind === 'RemoteAddressClaim');
}

function emitFlags({ id, type, subject, payload, observedAt, expiresAt }: EmittedFact): string[] {
  return [
    ...['--id', id, '--type', type, '--subject', subject, '--observed-at', observedAt],
    ...(expiresAt === undefined ? [] : ['--expires-at', expiresAt]),
    ...Object.entries(payload).flatMap(([key, value]) => ['--payload', `${key}=${value}`]),
  ];
}
