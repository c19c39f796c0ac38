import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type NodeListenerReport, SUBJECTS } from '@signalbox/contracts';
import { nodesProjection } from '@signalbox/store';
import type { SiteContext } from '../start/context-file.js';
import { ApiSite } from '../testing/api-site.fixture.js';
import { AT, BalanceCast, CAPABILITIES, configured } from '../testing/balance.fixture.js';
import { paged } from '../testing/paged.fixture.js';
import type { NodeDto, NodeItemDto } from './nodes.dto.js';

const START_MS = 300_000;
const LATER = '2026-01-01T00:00:01.000Z';
let site: ApiSite;
let cast: BalanceCast;

const applied = (name: string): NodeListenerReport => ({
  ...{ name, state: 'applied', generation: 3, digest: 'd', tableDigest: 't' },
  listensAt: { address: '127.0.0.1', port: 20_001 },
});
const refused: NodeListenerReport = {
  ...{ name: 'shop', state: 'refused', generation: 4, digest: 'd0', warning: 'look' },
  error: { code: 'listen-failed', message: '127.0.0.1:80 is in use' },
};

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
  cast = await BalanceCast.start(site);
  await cast.configure(
    configured('Node', 'hap-1', { driver: 'haproxy' }),
    configured('Node', 'sim-1', { driver: 'sim' }, { part: { source: 's', generation: 3 } }),
  );
  await cast.node('sim-1', { state: 'waiting' });
  await cast.node('sim-1', { listeners: [applied('web'), applied('old'), applied('shop')] });
  await cast.node('sim-1', { at: LATER, appliedGeneration: 4, listeners: [refused], gone: ['old'] });
  await cast.node('anew-1', { listeners: [applied('web'), applied('old')] });
  await cast.node('anew-1', { whole: true, listeners: [applied('new')] });
  for (const node of ['sim-1', 'anew-1']) cast.answer(SUBJECTS.askNode(node, 'usage'), () => ({}));
  const error = { code: 'data-plane-unavailable', message: 'HAProxy does not answer' } as const;
  const seq = await cast.node('gone-1', { driver: 'haproxy', state: 'unavailable', error });
  await cast.readable(nodesProjection, seq);
}, START_MS);
afterAll(async () => {
  await cast.stop();
  await site.destroy();
}, START_MS);

describe('nodes', () => {
  it('are those that are declared or reported, by name, page by page', async () => {
    const items = await paged<NodeItemDto>(site, '/v1/nodes', 1);
    expect(items.map(({ name, driver, state, origin }) => ({ name, driver, state, origin }))).toEqual([
      { name: 'anew-1', driver: 'sim', state: 'ready' },
      { name: 'gone-1', driver: 'haproxy', state: 'unavailable' },
      { name: 'hap-1', driver: 'haproxy', state: 'missing', origin: { revision: 7 } },
      { name: 'sim-1', driver: 'sim', state: 'ready', origin: { part: { source: 's', generation: 3 } } },
    ]);
  });

  it('tell how each listener stands, what is refused with the reason', async () => {
    const { status, body } = await site.call<NodeDto>('/v1/nodes/sim-1');
    expect(status).toBe(200);
    const { name: web, ...ofWeb } = applied('web');
    const { name: shop, ...ofShop } = refused;
    expect(body).toEqual({
      name: 'sim-1',
      driver: 'sim',
      state: 'ready',
      since: AT,
      at: LATER,
      version: 3,
      epoch: 'e1',
      appliedGeneration: 4,
      refused: 1,
      vipCounts: { announced: 0, all: 0 },
      origin: { part: { source: 's', generation: 3 } },
      capabilities: CAPABILITIES,
      vips: [],
      peers: [],
      listeners: [
        { listener: shop, ...ofShop, at: LATER },
        { listener: web, ...ofWeb, at: AT },
      ],
    });
  });

  it('have only what a record names that is whole', async () => {
    const { body } = await site.call<NodeDto>('/v1/nodes/anew-1');
    expect(body.listeners.map(({ listener }) => listener)).toEqual(['new']);
  });

  it('say why their data plane is not there', async () => {
    expect((await site.call('/v1/nodes/gone-1')).body).toMatchObject({
      silent: true,
      error: { code: 'data-plane-unavailable', message: 'HAProxy does not answer' },
      listeners: [],
    });
  });

  it('have nothing to tell before they report', async () => {
    expect((await site.call('/v1/nodes/hap-1')).body).toEqual({
      name: 'hap-1',
      driver: 'haproxy',
      state: 'missing',
      refused: 0,
      vipCounts: { announced: 0, all: 0 },
      origin: { revision: 7 },
      listeners: [],
      vips: [],
      peers: [],
    });
  });

  it('are refused when there is none of the name', async () => {
    expect(await site.call('/v1/nodes/none')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});

describe('draining a node', () => {
  const post = (name: string, verb: string, body: object = {}) =>
    site.call<NodeDto>(`/v1/nodes/${name}/${verb}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });

  beforeAll(() => cast.playNodeDrains());

  it('shows by whom, since when and why, at once', async () => {
    const drain = { author: 'first-start', since: AT, reason: 'a new kernel' };
    const { status, body } = await post('sim-1', 'drain', { reason: 'a new kernel' });
    expect([status, body.drain]).toEqual([200, drain]);
    const items = await paged<NodeItemDto>(site, '/v1/nodes', 2);
    expect(items.flatMap((item) => (item.drain ? [[item.name, item.drain]] : []))).toEqual([
      ['sim-1', drain],
    ]);
  });

  it('is of one that never reported too, and ends with undrain', async () => {
    expect((await post('hap-1', 'drain')).body).toMatchObject({
      state: 'missing',
      drain: { author: 'first-start' },
    });
    for (const name of ['sim-1', 'hap-1']) {
      const { status, body } = await post(name, 'undrain');
      expect([status, body.drain]).toEqual([200, undefined]);
    }
  });

  it('is refused for what is no node, and with a reason that is none', async () => {
    expect(await post('none', 'drain')).toMatchObject({ status: 404 });
    expect(await post('sim-1', 'drain', { reason: 7 })).toMatchObject({ status: 422 });
  });
});
