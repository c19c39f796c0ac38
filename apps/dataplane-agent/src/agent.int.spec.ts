import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  type Alarm,
  CodedError,
  digestOf,
  type NodeCountersAnswer,
  type NodeListener,
  SUBJECTS,
  type UsageAnswer,
} from '@signalbox/contracts';
import { lintMetrics, until } from '@signalbox/testing';
import { AgentSite } from './agent.fixture.js';
import { ALL_CAPABILITIES, MemoryDriver } from './drivers/memory-driver.fixture.js';
import { listener, NodeWriter, target } from './node-writer.fixture.js';

const TEST_MS = 120_000;
let site: AgentSite;
let writer: NodeWriter;

beforeEach(async () => {
  site = await AgentSite.start();
  writer = await NodeWriter.of(site.bus);
}, TEST_MS);
afterEach(() => site.stop(), TEST_MS);

/** Weights of a listener as the data plane has them. */
function weights(name: string): number[] | undefined {
  return site.plane.standing.get(name)?.targets.map(({ weight }) => weight);
}

const alarms = async (): Promise<readonly Alarm[]> => {
  const answers = await site.bus.askAll<{ alarms: Alarm[] }>(
    SUBJECTS.ask('dataplane-agent', 'alarms'),
    {},
    5000,
  );
  return answers.flatMap((answer) => answer.alarms);
};

describe('what an agent applies', () => {
  it(
    'waits while there is no state, applies the first and each that follows, and tells what changed',
    async () => {
      await site.agent();
      expect(await site.state()).toEqual({ node: 'local', state: 'waiting', listeners: [] });

      const [web, dns] = [listener('web', target(1), target(2)), listener('dns', target(3))];
      await writer.write(dns, web);
      const first = await site.applied(1);
      expect(first).toMatchObject({
        ...{ node: 'local', version: 1, driver: 'sim', state: 'ready', epoch: 'e1', whole: true, gone: [] },
        capabilities: ALL_CAPABILITIES,
        listeners: [
          { name: 'dns', state: 'applied', generation: 1, digest: digestOf(dns) },
          { name: 'web', state: 'applied', generation: 1, digest: digestOf(web) },
        ],
      });
      expect(first.listeners[1]?.listensAt).toEqual(site.plane.standing.get('web')?.listensAt);

      const drained = listener('web', target(1), target(2, 0));
      await writer.write(drained);
      const second = await site.applied(2);
      expect(second).toMatchObject({
        version: 2,
        listeners: [{ name: 'web', generation: 2 }],
        gone: ['dns'],
      });
      expect(second).not.toHaveProperty('whole');
      expect([...site.plane.standing.keys()]).toEqual(['web']);
      expect(weights('web')).toEqual([100, 0]);
      expect(await site.state()).toMatchObject({ state: 'ready', appliedGeneration: 2 });
    },
    TEST_MS,
  );

  it(
    'keeps what it has while a key is missing or holds something else, and goes on when it is there',
    async () => {
      await site.agent();
      await writer.write(listener('web', target(1)));
      await site.applied(1);

      const [web, dns] = [listener('web', target(1, 50)), listener('dns', target(3))];
      await writer.writeListener(web);
      await writer.writeManifest([dns, web]);
      const key = 'local.listener.dns.a';
      const incomplete = (): Promise<boolean> =>
        alarms().then((all) =>
          all.some(({ kind, text }) => kind === 'desired-state-incomplete' && text.includes(key)),
        );
      await until('the alarm that the state is incomplete', incomplete);
      await writer.bucket.put(key, JSON.stringify({ ...dns, port: 81 }));
      await writer.bucket.put(key, '{"name":"dns"}');
      await writer.bucket.put('local.listener.other.a', JSON.stringify(listener('other')));
      // what comes behind the wrong ones shows that they were read
      await until('them to be read', async () => {
        const usage = await site.bus.ask<UsageAnswer>(SUBJECTS.askNode('local', 'usage'), {}, 5000);
        return usage?.used['desired listeners'] === 3;
      });
      expect(site.plane.applied).toEqual([1]);
      expect(weights('web')).toEqual([100]);

      await writer.bucket.put(key, JSON.stringify(dns));
      await site.applied(2);
      expect(weights('web')).toEqual([50]);
      expect(await alarms()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'goes back for another epoch only',
    async () => {
      await site.agent();
      await writer.write(listener('web', target(1, 10)));
      await writer.write(listener('web', target(1, 20)));
      await site.applied(2);
      writer.generation = 0;
      await writer.write(listener('web', target(1, 30)));
      writer.generation = 4;
      await writer.write(listener('web', target(1, 40)));
      await site.applied(5);
      expect(site.plane.applied.slice(site.plane.applied.indexOf(2))).toEqual([2, 5]);

      writer.epoch = 'e2';
      writer.generation = 0;
      await writer.write(listener('web', target(1, 60, 3)));
      await until('the state of the other epoch', () => weights('web')?.[0] === 60);
      await until('its record', () => site.records.at(-1)?.epoch === 'e2');
      expect(site.records.at(-1)).toMatchObject({ appliedGeneration: 1, whole: true });
      expect(site.plane.cut).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'makes one call at a time, and of what comes meanwhile the newest',
    async () => {
      await site.agent();
      for (let n = 1; n <= 40; n += 1) await writer.write(listener('web', target(1, n)));
      await site.applied(40);
      expect(weights('web')).toEqual([40]);
      expect(site.plane.mostInWork).toBe(1);
      expect([...site.plane.applied].sort((a, b) => a - b)).toEqual(site.plane.applied);
    },
    TEST_MS,
  );

  it(
    'serves several nodes by an agent each, and no node by two',
    async () => {
      await site.agent();
      await expect(site.agent()).rejects.toThrow('another dataplane-agent of local already runs');
      await site.agent({ SIGNALBOX_LB_NODE: 'edge/2' });
      const other = await NodeWriter.of(site.bus, 'edge/2');
      await other.write(listener('of-edge', target(9)));
      await until('its state', () => site.plane.standing.has('of-edge'));
      expect(await site.state('edge/2')).toMatchObject({ node: 'edge/2' });
      expect(await site.state()).toMatchObject({ node: 'local', state: 'waiting' });
    },
    TEST_MS,
  );
});

describe('files that a state names', () => {
  it(
    'are looked at as soon as one may have changed, and applied when one has',
    async () => {
      await site.agent();
      await writer.write(listener('web', target(1)));
      await site.applied(1);
      site.plane.fileChanged();
      site.plane.hasNewFiles = true;
      site.plane.fileChanged();
      await until('the state to be applied again', () => site.plane.applied.length === 2);
      await writer.write(listener('web', target(1, 50)));
      expect(await site.applied(2)).toMatchObject({ version: 2 });
      expect(site.plane.applied).toEqual([1, 1, 2]);
    },
    TEST_MS,
  );

  it(
    'are looked at every sync interval as well',
    async () => {
      writer.syncIntervalMs = 100;
      await site.agent();
      await writer.write(listener('web', target(1)));
      await site.applied(1);
      site.plane.hasNewFiles = true;
      await until('the state to be applied again', () => site.plane.applied.length === 2);
    },
    TEST_MS,
  );
});

describe('cutting connections', () => {
  it(
    'of a target in a policy pool is apart from the same target of the listener',
    async () => {
      const pools = (weight: number, flushes: number): NodeListener['policyPools'] => [
        { name: 'api', algorithm: 'round-robin', targets: [target(1, weight, flushes)] },
      ];
      const first = await site.agent();
      await writer.write({ ...listener('web', target(1)), policyPools: pools(100, 0) });
      await site.applied(1);
      await writer.write({ ...listener('web', target(1)), policyPools: pools(0, 1) });
      await site.applied(2);
      expect(site.plane.cut).toEqual(['web pool api 127.0.0.1:1 at weight 0']);
      await site.end(first);
      await site.agent();
      await writer.write({ ...listener('web', target(1, 50, 1)), policyPools: pools(0, 1) });
      await site.applied(3);
      expect(site.plane.cut.slice(1)).toEqual(['web 127.0.0.1:1 at weight 50']);
    },
    TEST_MS,
  );

  it(
    'happens once for each number, after the weight, and not again after a restart',
    async () => {
      const first = await site.agent();
      await writer.write(listener('web', target(1, 100, 4), target(2)));
      await site.applied(1);
      expect(site.plane.cut).toEqual([]);

      await writer.write(listener('web', target(1, 0, 5), target(2)));
      await site.applied(2);
      expect(site.plane.cut).toEqual(['web 127.0.0.1:1 at weight 0']);

      await site.end(first);
      await site.agent();
      await writer.write(listener('web', target(1, 0, 5), target(2, 50)));
      await site.applied(3);
      expect(site.plane.cut).toHaveLength(1);
      await writer.write(listener('web', target(1, 0, 6), target(2, 50)));
      await site.applied(4);
      expect(site.plane.cut).toHaveLength(2);
    },
    TEST_MS,
  );
});

describe('restarts and outages', () => {
  it(
    'F17 writes nothing and tells nothing when an agent starts again and nothing changed',
    async () => {
      const first = await site.agent();
      await writer.write(listener('web', target(1)));
      await site.applied(1);
      await site.end(first);
      const { writes } = site.plane;
      const calls = site.plane.applied.length;

      await site.agent();
      await until('its first apply', () => site.plane.applied.length > calls);
      await writer.write(listener('web', target(1, 50)));
      expect(await site.applied(2)).toMatchObject({ version: 2 });
      expect(site.plane.writes).toBe(writes + 1);
      expect(site.records.map(({ version }) => version)).toEqual([1, 2]);
    },
    TEST_MS,
  );

  it(
    'F16 goes on without NATS, also through a restart, and takes up what changed when it is back',
    async () => {
      const first = await site.agent();
      await writer.write(listener('web', target(1)));
      await site.applied(1);
      await site.nats.kill();
      expect(weights('web')).toEqual([100]);
      await site.end(first);

      site.plane.standing.clear();
      const abort = new AbortController();
      const starting = site.agent({}, undefined, abort.signal);
      starting.catch(() => undefined);
      await until('the kept state to be served', () => weights('web')?.[0] === 100);

      await site.nats.start();
      await starting;
      await until('the writer to be connected again', () => site.bus.isUp);
      await writer.write(listener('web', target(1, 70)));
      await site.applied(2);
      expect(weights('web')).toEqual([70]);
    },
    TEST_MS,
  );

  it(
    'tells everything anew when it does not know what it told',
    async () => {
      const first = await site.agent();
      await writer.write(listener('gone', target(1)));
      await site.applied(1);
      await site.end(first);
      const file = join(site.dir, 'state', 'dataplane-agent', 'local.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"generation":1', '"generation":7'));
      await writer.write(listener('web', target(2)));

      await site.agent();
      expect(await site.applied(2)).toMatchObject({
        version: 2,
        whole: true,
        listeners: [{ name: 'web' }],
        gone: [],
      });
      expect(await readFile(`${file}.broken`, 'utf8')).toContain('"generation":7');
    },
    TEST_MS,
  );

  it(
    'keeps the port that it chose, and takes another one when somebody else has it',
    async () => {
      const first = await site.agent();
      await writer.write(listener('web', target(1)));
      const chosen = (await site.applied(1)).listeners[0]?.listensAt;
      await site.end(first);

      site.plane.standing.clear();
      const second = await site.agent();
      await until('the listener', () => site.plane.standing.has('web'));
      expect(site.plane.standing.get('web')?.listensAt).toEqual(chosen);
      await site.end(second);

      site.plane.standing.clear();
      site.plane.busyPorts.add(chosen!.port);
      await site.agent();
      const moved = await until('a record of another port', () =>
        site.records.find(({ listeners: [one] }) => one?.listensAt && one.listensAt.port !== chosen!.port),
      );
      expect(moved).toMatchObject({ state: 'ready', listeners: [{ name: 'web', state: 'applied' }] });
    },
    TEST_MS,
  );
});

describe('a data plane with troubles', () => {
  it(
    'is applied again when somebody changed it, which is counted',
    async () => {
      const { url } = await site.agent();
      writer.syncIntervalMs = 100;
      await writer.write(listener('web', target(1)), listener('dns', target(3)));
      await site.applied(1);
      const web = site.plane.standing.get('web')!;
      site.plane.standing.set('web', { ...web, targets: [{ address: '127.0.0.1', port: 1, weight: 3 }] });
      await until('the weight to be put right', () => weights('web')?.[0] === 100);
      site.plane.standing.set('foreign', { ...web, name: 'foreign' });
      site.plane.standing.delete('dns');
      await until(
        'the rest to be put right',
        () => !site.plane.standing.has('foreign') && site.plane.standing.has('dns'),
      );

      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toContain('signalbox_lb_drift_total{node="local"} 2\n');
      expect(site.records).toHaveLength(1);
    },
    TEST_MS,
  );

  it(
    'is told while it is away and tried again until it is back',
    async () => {
      await site.agent();
      await writer.write(listener('web', target(1)));
      await site.applied(1);
      site.plane.isAway = true;
      await writer.write(listener('web', target(1, 50)));
      const away = await until('the record that it is away', () =>
        site.records.find(({ state }) => state === 'unavailable'),
      );
      expect(away).toMatchObject({
        error: { code: 'data-plane-unavailable' },
        appliedGeneration: 1,
        listeners: [],
        gone: [],
      });
      expect(await alarms()).toMatchObject([{ kind: 'data-plane-unavailable', name: 'local' }]);
      site.plane.isAway = false;
      expect(await site.applied(2)).toMatchObject({ listeners: [{ name: 'web', generation: 2 }] });
      expect(await alarms()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'refuses a listener on its own, which goes on as it was, and is asked again',
    async () => {
      await site.agent();
      writer.syncIntervalMs = 100;
      const web = listener('web', target(1));
      await writer.write(web);
      const { listensAt } = (await site.applied(1)).listeners[0]!;
      site.plane.refusals.set('web', { code: 'listen-failed', message: 'the port is taken' });
      await writer.write(listener('dns', target(3)), listener('web', target(1, 50)));
      expect((await site.applied(2)).listeners).toMatchObject([
        { name: 'dns', state: 'applied' },
        { name: 'web', state: 'refused', digest: digestOf(web), listensAt, error: { code: 'listen-failed' } },
      ]);
      expect(weights('web')).toEqual([100]);
      expect(await alarms()).toMatchObject([
        { kind: 'listener-refused', name: 'web', reason: 'listen-failed' },
      ]);
      site.plane.refusals.clear();
      await until('it to be applied', () => weights('web')?.[0] === 50);
      await until('its record', () => site.records.at(-1)?.listeners[0]?.state === 'applied');
      expect(await alarms()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'is closed for another driver, and refused where there is none',
    async () => {
      await site.agent({}, (_config, ports) => (driver) => {
        if (driver === 'vpp') throw new CodedError('data-plane-refused', 'there is no driver vpp');
        return new MemoryDriver(site.plane, ports);
      });
      await writer.write(listener('web', target(1)));
      await site.applied(1);
      writer.driver = 'haproxy';
      await writer.write(listener('web', target(1)));
      expect(await site.applied(2)).toMatchObject({ driver: 'haproxy' });
      expect(site.plane.closed).toBe(1);
      writer.driver = 'vpp';
      await writer.write(listener('web', target(1)));
      const refused = await until('the record that it is refused', () =>
        site.records.find(({ driver }) => driver === 'vpp'),
      );
      expect(refused).toMatchObject({ state: 'unavailable', error: { code: 'data-plane-refused' } });
      writer.driver = 'sim';
      await writer.write(listener('web', target(1)));
      expect(await site.applied(4)).toMatchObject({ driver: 'sim', state: 'ready' });
    },
    TEST_MS,
  );
});

describe('questions and metrics', () => {
  it(
    'answers for one listener alone, and tells of requests and of policy pools',
    async () => {
      const { url } = await site.agent();
      const policyPools: NodeListener['policyPools'] = [
        { name: 'api', algorithm: 'random', targets: [target(1)] },
      ];
      await writer.write(listener('mail', target(1)), { ...listener('web', target(1)), policyPools });
      await site.applied(1);
      const asked = async (question: object): Promise<NodeCountersAnswer | undefined> =>
        site.bus.ask<NodeCountersAnswer>(SUBJECTS.askNode('local', 'counters'), question, 5000);
      expect((await asked({}))?.listeners.map((one) => one.listener)).toEqual(['mail', 'web']);
      expect((await asked({ listener: 'web' }))?.listeners.map((one) => one.listener)).toEqual(['web']);
      expect((await asked({ listener: 'none' }))?.listeners).toEqual([]);
      await expect(asked({ other: 1 })).rejects.toMatchObject({ code: 'validation-failed' });

      const own = (await (await fetch(`${url}/metrics`)).text())
        .split('\n')
        .filter((line) => line.includes('signalbox_lb_'));
      expect(lintMetrics(own.join('\n'))).toEqual([]);
      const place = 'address="127.0.0.1"';
      for (const line of [
        `signalbox_lb_connections_total{${place},listener="web",node="local",port="1"} 7`,
        `signalbox_lb_connections_total{${place},listener="web",node="local",pool="api",port="1"} 7`,
        'signalbox_lb_requests_total{listener="web",node="local"} 15',
        'signalbox_lb_responses_total{code="2xx",listener="web",node="local"} 9',
        'signalbox_lb_responses_total{code="other",listener="web",node="local"} 0',
        'signalbox_lb_request_errors_total{listener="web",node="local",reason="rejected"} 2',
        'signalbox_lb_request_errors_total{listener="web",node="local",reason="failed"} 1',
        'signalbox_lb_recent_request_seconds{listener="web",node="local",phase="total",pool="api"} 0.3',
      ])
        expect(own).toContain(line);
      expect(own.filter((line) => line.includes('requests_total{listener="mail"'))).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'answers for its counters, and shows them',
    async () => {
      const { url } = await site.agent();
      await writer.write(listener('web', target(1)));
      await site.applied(1);
      const answer = await site.bus.ask<NodeCountersAnswer>(SUBJECTS.askNode('local', 'counters'), {}, 5000);
      expect(answer?.listeners).toMatchObject([
        { listener: 'web', connectionsTotal: 7, targets: [{ port: 1 }] },
      ]);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      const own = metrics.split('\n').filter((line) => line.includes('signalbox_lb_'));
      expect(lintMetrics(own.join('\n'))).toEqual([]);
      const place = 'address="127.0.0.1"';
      for (const line of [
        `signalbox_lb_connections_total{${place},listener="web",node="local",port="1"} 7`,
        `signalbox_lb_bytes_total{${place},direction="out",listener="web",node="local",port="1"} 20`,
        `signalbox_lb_errors_total{${place},listener="web",node="local",port="1"} 2`,
        'signalbox_lb_refused_total{listener="web",node="local"} 1',
        'signalbox_lb_applied_generation{node="local"} 1',
        'signalbox_lb_listeners{node="local",state="applied"} 1',
        'signalbox_lb_apply_seconds_count{node="local"} 1',
      ])
        expect(own).toContain(line);
      expect(metrics).toMatch(/^signalbox_lb_apply_lag_seconds\{node="local"\} [0-9.e-]+$/m);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
    },
    TEST_MS,
  );
});
