import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Follower } from '@signalbox/bus';
import {
  APPLY_CHAIN,
  BALANCE_API,
  BALANCE_MARKS,
  COMMAND_WAIT_MS,
  type EffectiveResource,
  type Resource,
  STREAMS,
  SUBJECTS,
  type Watermark,
} from '@signalbox/contracts';
import { Watermarks } from '@signalbox/runtime';
import { frontendsProjection } from '@signalbox/store';
import { until } from '@signalbox/testing';
import type { BackendDto } from '../balance/backends.dto.js';
import type { FrontendDto } from '../balance/frontends.dto.js';
import type { SiteContext } from '../start/context-file.js';
import { type Answer, ApiSite } from '../testing/api-site.fixture.js';
import { BalanceCast, configured, target } from '../testing/balance.fixture.js';
import { thing } from '../testing/documents.fixture.js';
import type { ApplyResult } from './apply-answers.js';
import { Consequences } from './consequences.js';

const START_MS = 300_000;
const FRONTEND = { address: '192.0.2.1', pools: [{ name: 'primary' }] };
let site: ApiSite;
let cast: BalanceCast;
let journal: Follower;
let round = 0;
/** What is in the effective config besides operator resources. */
let inConfig: EffectiveResource = { resource: JSON.parse(thing('other')) as Resource, revision: 1 };
/** What `health` and `balancer` do with a generation, and `balancer` with the record of a backend. */
let onGeneration: (seq: number) => Promise<void> = () => Promise.resolve();
let onBackend = onGeneration;

const apply = (query = ''): Promise<Answer<ApplyResult>> =>
  site.call(`/v1/apply${query}`, {
    method: 'POST',
    body: thing('any', (round += 1)),
    headers: { 'content-type': 'application/yaml' },
  });
const tell = (mark: Watermark): void => site.bus.tell(mark);
/** What the effective config says of this round: an address that no other round has. */
const address = (): string => `10.0.0.${round}`;

/** Everyone who follows the journal; the renderer makes a generation of every revision. */
const playChain = (): Follower =>
  new Follower(site.bus, {
    name: 'apply chain',
    stream: STREAMS.journal,
    filter: SUBJECTS.resources,
    fromSeq: 1,
    onBatch: async (batch) => {
      for (const { stream, seq } of batch) {
        for (const service of APPLY_CHAIN.filter((one) => one !== 'renderer')) tell({ service, stream, seq });
        const effective = await cast.configure(inConfig);
        const appended = {
          stream: STREAMS.activity,
          seq: effective,
          ...(inConfig.resource.apiVersion === BALANCE_API && { traffic: effective }),
        };
        tell({ service: 'renderer', stream, seq, appended });
      }
    },
  });

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
  journal = playChain();
  cast.follow(SUBJECTS.trafficConfig, (_data, seq) => onGeneration(seq));
  cast.follow(SUBJECTS.allBackendActivity, (_data, seq) => onBackend(seq));
}, START_MS);
afterAll(async () => {
  await journal.stop();
  await cast.stop();
  await site.destroy();
}, START_MS);

it('needs neither health nor balancer when there is nothing to balance', async () => {
  expect(await apply()).toMatchObject({ status: 200, body: { pending: false, waitingFor: [] } });
});

it('names health and balancer when they have not taken over a new generation', async () => {
  inConfig = configured('Frontend', 'web', FRONTEND);
  const { status, body } = await apply();
  expect(status).toBe(202);
  expect(body.waitingFor).toEqual([BALANCE_MARKS.balancerConfig, BALANCE_MARKS.healthConfig]);
});

it('waits as long as it was asked to', async () => {
  let generation = 0;
  onGeneration = (seq) => {
    generation = seq;
    cast.tell(BALANCE_MARKS.healthConfig, seq, seq - 1);
    return Promise.resolve();
  };
  expect((await apply('?wait=500ms')).body.waitingFor).toEqual([BALANCE_MARKS.balancerConfig]);
  const before = generation;
  const answer = apply('?wait=60s');
  await until('the next generation', () => generation > before);
  // longer than an apply waits that was not asked to
  await setTimeout(COMMAND_WAIT_MS + 500);
  cast.tell(BALANCE_MARKS.balancerConfig, generation, generation - 1);
  expect(await answer).toMatchObject({ status: 200, body: { pending: false, waitingFor: [] } });
});

it('takes records from before a generation for a sign that nothing followed from it', async () => {
  onGeneration = (seq) => {
    cast.tell(BALANCE_MARKS.healthConfig, seq, seq - 1);
    cast.tell(BALANCE_MARKS.balancerConfig, seq, seq - 1);
    return Promise.resolve();
  };
  expect(await apply()).toMatchObject({ status: 200, body: { pending: false, waitingFor: [] } });
});

it('names balancer when it has not followed what health made of a generation', async () => {
  onGeneration = async (seq) => {
    const appended = await cast.backend('b1', 'up', { address: address() });
    cast.tell(BALANCE_MARKS.healthConfig, seq, appended);
  };
  const { status, body } = await apply();
  expect(status).toBe(202);
  expect(body.waitingFor).toEqual([BALANCE_MARKS.balancerBackends, BALANCE_MARKS.balancerConfig]);
});

it('shows in every list what an apply does to traffic, once it is answered', async () => {
  onGeneration = async (seq) => {
    const appended = await cast.backend('b1', 'up', { address: address() });
    cast.tell(BALANCE_MARKS.healthConfig, seq, appended);
    cast.tell(BALANCE_MARKS.balancerConfig, seq, await cast.frontend('web'));
  };
  onBackend = async (seq) => {
    const targets = [{ ...target('primary', 'b1'), address: address() }];
    cast.tell(BALANCE_MARKS.balancerBackends, seq, await cast.frontend('web', { targets }));
  };
  for (let i = 0; i < 20; i += 1) {
    expect(await apply()).toMatchObject({ status: 200, body: { pending: false, waitingFor: [] } });
    const [backend, frontend] = await Promise.all([
      site.call<BackendDto>('/v1/backends/b1'),
      site.call<FrontendDto>('/v1/frontends/web'),
    ]);
    expect(backend.body.address).toBe(address());
    expect(frontend.body.pools[0]?.backends[0]?.address).toBe(address());
  }
});

it('finds in the tables what was folded before it listened', async () => {
  const seq = await cast.frontend('web');
  await cast.readable(frontendsProjection, seq);
  const restarted = new Consequences(site.bus, site.dataSource, new Watermarks(site.bus));
  expect(await restarted.ofWeight('web', seq)).toEqual([]);
  expect(await restarted.ofWeight('web', seq + 1)).toEqual([frontendsProjection.name]);
});
