import { siteProjections } from '@signalbox/store';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { seenHost } from '../e2e/test-plugins.js';

/** No projection, and yet what it says follows from the streams. */
const PENDING = 'select * from pending_facts order by subscription, group_name, lineage';

/** Every projection with its key. */
const TABLES = Object.fromEntries(
  siteProjections(['default']).flatMap(({ tables }) => tables.map(({ name, key }) => [name, key.join(', ')])),
);

/** Backends without probes, so that nothing changes by itself. */
const MAGLEV = `maglev:
  backends:
    one: {address: 10.0.0.1}
    two: {address: 10.0.0.2}
    gone: {address: 10.0.0.3}
  frontends:
    vip: {address: 10.1.0.1, pools: [{name: primary, backends: {one: {}}}, {name: fallback, backends: {two: {}}}]}
`;

describe('projections', () => {
  let site: Site;
  let client: pg.Client;

  beforeAll(async () => {
    site = await Site.start();
    client = new pg.Client({ connectionString: site.database.url });
    await client.connect();
  }, 300_000);

  afterAll(async () => {
    await client.end();
    await site.stop();
  });

  async function dump(): Promise<Record<string, unknown[]>> {
    const tables: Record<string, unknown[]> = { pending: (await client.query(PENDING)).rows };
    for (const [table, key] of Object.entries(TABLES)) {
      tables[table] = (await client.query(`select * from ${table} order by ${key}`)).rows;
    }
    return tables;
  }

  it('are the same, row for row, after they were emptied and folded again from the streams', async () => {
    const works = await site.addPlugin('works', seenHost());
    const fails = await site.addPlugin('fails', '#!/bin/sh\nexit 42\n');
    await site.apply(
      manifest(
        plugin('works', works),
        plugin('fails', fails),
        subscription('seen', 'host.seen', 'works'),
        subscription('broken', 'host.lost', 'fails'),
        subscription('waiting', 'host.moved', 'missing'),
      ),
    );
    const facts = (type: string, names: string[], serial: string): object[] =>
      names.map((name) => ({ type, subject: name, payload: { serial } }));
    await site.rest('POST', '/v1/groups/default/events', facts('host.seen', ['a', 'b', 'c'], '1'));
    await until(
      'three parts',
      async () => (await client.query(`select 1 from parts where state = 'active'`)).rowCount === 3,
    );
    await site.rest('POST', '/v1/groups/default/events', [
      ...facts('host.seen', ['a', 'b'], '2'),
      ...facts('host.lost', ['x'], '1'),
      ...facts('host.moved', ['y'], '1'),
    ]);
    const ended = `select 1 from runs where state in ('succeeded', 'failed', 'skipped')`;
    await until('six runs to end', async () => (await client.query(ended)).rowCount === 6);
    await site.rest('DELETE', '/v1/resources/EventSubscription/broken');
    await until(
      'the second serials',
      async () =>
        (await client.query(`select 1 from effective_resources where body like '%"serial":"2"%'`))
          .rowCount === 2,
    );
    await site.apply(MAGLEV);
    await site.apply(MAGLEV.replace(/ {4}gone.*\n/, ''));
    await site.rest('POST', '/v1/backends/one/disable', { reason: 'a test' });
    await site.rest('POST', '/v1/backends/two/pause');
    await site.rest('POST', '/v1/backends/two/resume');
    const weight = '/v1/frontends/vip/pools/fallback/backends/two/weight';
    await site.rest('PUT', weight, { weight: 20, reason: 'a test' });
    await site.shutDown();
    const before = await dump();
    expect(before['pending']).toHaveLength(1);

    await client.query(
      `truncate positions, pending_facts, pending_withdrawals, ${Object.keys(TABLES).join(', ')}`,
    );
    await site.up();
    await until('the tables to be full again', async () => {
      const now = await dump();
      return Object.entries(before).every(([table, rows]) => now[table]?.length === rows.length);
    });
    await site.shutDown();

    expect(await dump()).toEqual(before);
  }, 300_000);
});
