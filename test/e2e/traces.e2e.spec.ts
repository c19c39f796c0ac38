import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FEDERATION_API, SINK_API } from '@signalbox/contracts';
import { until } from '@signalbox/testing';
import {
  CLOUD_NODE,
  delivered,
  emit,
  FederatedPair,
  findFact,
  GROUP,
  observation,
  ONPREM_NODE,
} from './federated-pair.js';
import { manifest, plugin, resource } from './manifests.js';
import { activePart } from './site-activity.js';
import { type SeenSpan, TraceCollector } from './trace-collector.js';

jest.setTimeout(300_000);

/** From the emit at one site to what was written at the other. */
const STEPS = ['accept', 'deliver', 'accept', 'plan', 'run', 'decide', 'merge', 'write'];
const GIVEN = { trace: '0af7651916cd43dd8448eb211c80319c', span: 'b7ad6b7169203331' };

/** A resource named after the subject, with where the run stands in a trace. */
const TRACED_HOST = `#!/bin/sh
exec sed -E 's|.*"subject":"([^"]*)".*"meta":.*"traceparent":"([^"]*)".*|{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","metadata":{"name":"p"},"status":{"ttl":"1h","resources":[{"apiVersion":"example.net/v1","kind":"SeenHost","metadata":{"name":"\\1"},"spec":{"trace":"\\2"}}]}}|'
`;

async function wire({ cloud }: FederatedPair): Promise<void> {
  await cloud.apply(
    manifest(
      plugin('seen-host', await cloud.addPlugin('seen-host', TRACED_HOST)),
      resource(FEDERATION_API, 'EventSubscription', 'seen', {
        groupRef: GROUP,
        match: { types: [observation({ subject: 'x' }).type] },
        trigger: { pluginRef: 'seen-host' },
      }),
      resource(SINK_API, 'ConfigSink', 'hosts', {
        ...{ minWait: '0s', maxWait: '0s' },
        natsKv: { bucket: 'hosts' },
      }),
    ),
  );
}

describe('traces', () => {
  let collector: TraceCollector;
  let pair: FederatedPair;

  beforeAll(async () => {
    collector = await TraceCollector.start();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
    pair = await FederatedPair.start({ env });
    await pair.applyExamples();
    await wire(pair);
  });
  afterAll(async () => {
    await pair?.stop();
    await collector?.stop();
  });

  /** The chain of a trace, each step behind what it follows from. */
  async function chainOf(traceId: string, parent: string): Promise<readonly SeenSpan[]> {
    return until('the whole trace', () => {
      const spans = collector.of(traceId);
      const chain: SeenSpan[] = [];
      for (let from = parent; ;) {
        const next = spans.find(({ parentSpanId }) => parentSpanId === from);
        if (!next) return chain.length === STEPS.length ? chain : undefined;
        chain.push(next);
        from = next.spanId;
      }
    });
  }

  it('go from the emit at one site to the sink at another, in one trace that the client began', async () => {
    const fact = observation({ subject: 'traced', payload: { serial: '1' } });
    const header = { traceparent: `00-${GIVEN.trace}-${GIVEN.span}-01` };
    const { status } = await pair.onprem.rest('POST', `/v1/groups/${GROUP}/events`, fact, header);
    expect(status).toBe(202);
    const chain = await chainOf(GIVEN.trace, GIVEN.span);
    expect(chain.map(({ name }) => name)).toEqual(STEPS);
    expect(chain.map(({ instance }) => instance)).toEqual([
      ...[ONPREM_NODE, ONPREM_NODE],
      ...Array<string>(6).fill(CLOUD_NODE),
    ]);
    expect(chain.map(({ service }) => service)).toEqual(
      ['ingest', 'federation', 'ingest', 'matcher', 'plugin-runner', 'renderer', 'renderer', 'sinks'].map(
        (service) => `signalbox-${service}`,
      ),
    );
    expect(chain.flatMap(({ error }) => error ?? [])).toEqual([]);
    expect(collector.of(GIVEN.trace)).toHaveLength(STEPS.length);

    const run = chain.find(({ name }) => name === 'run')!;
    const { body } = await pair.cloud.rest('GET', '/v1/parts?full=true');
    expect(JSON.stringify(body)).toContain(`{"trace":"00-${GIVEN.trace}-${run.spanId}-01"}`);
  });

  it('begin with the site where the client has none', async () => {
    const fact = observation({ subject: 'untraced', payload: { serial: '2' } });
    await emit(pair.onprem, GROUP, fact);
    const first = await until('its first step', () =>
      collector.spans.find(({ attributes }) => attributes['signalbox.fact'] === fact.id),
    );
    expect(first).toMatchObject({ name: 'accept', parentSpanId: '' });
    const chain = await chainOf(first.traceId, '');
    expect(chain.map(({ name }) => name)).toEqual(STEPS);
  });

  it('are left alone where a client says not to sample', async () => {
    const trace = 'aaf7651916cd43dd8448eb211c80319c';
    const fact = observation({ subject: 'quiet', payload: { serial: '3' } });
    const header = { traceparent: `00-${trace}-${GIVEN.span}-00` };
    await pair.onprem.rest('POST', `/v1/groups/${GROUP}/events`, fact, header);
    await activePart(pair.cloud, 'seen', fact.id);
    const loud = observation({ subject: 'loud', payload: { serial: '4' } });
    await emit(pair.onprem, GROUP, loud);
    await until(
      'a later one',
      () => collector.spans.filter(({ attributes }) => attributes['signalbox.fact'] === loud.id).length >= 3,
    );
    expect(collector.of(trace)).toEqual([]);
  });

  it('take no traceparent that is none', async () => {
    const fact = observation({ subject: 'odd', payload: { serial: '5' } });
    const header = { traceparent: '00-x' };
    const { status } = await pair.onprem.rest('POST', `/v1/groups/${GROUP}/events`, fact, header);
    expect(status).toBe(202);
    expect((await findFact(pair.onprem, GROUP, fact.id))?.traceparent).toMatch(
      /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/,
    );
  });
});

describe('without a collector', () => {
  let pair: FederatedPair;

  beforeAll(async () => {
    pair = await FederatedPair.start();
    await pair.applyExamples();
  });
  afterAll(() => pair?.stop());

  it('what a client gives is kept and goes along, and nothing is made up', async () => {
    const traceparent = `00-${GIVEN.trace}-${GIVEN.span}-01`;
    const traced = observation({ subject: 'traced' });
    await pair.onprem.rest('POST', `/v1/groups/${GROUP}/events`, traced, { traceparent });
    const plain = observation({ subject: 'plain' });
    await emit(pair.onprem, GROUP, plain);
    for (const [{ id }, kept] of [
      [traced, traceparent],
      [plain, undefined],
    ] as const) {
      await delivered(pair.onprem, id);
      expect((await findFact(pair.onprem, GROUP, id))?.traceparent).toBe(kept);
      expect((await findFact(pair.cloud, GROUP, id))?.traceparent).toBe(kept);
    }
  });
});
