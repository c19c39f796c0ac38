import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import { manifest, plugin, subscription } from './manifests.js';
import { seenHost } from './test-plugins.js';

interface Rebuilt {
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly added: number;
    readonly changed: number;
    readonly removed: number;
  }[];
}

interface Listed {
  readonly name: string;
  readonly position: number;
  readonly lag: number;
  readonly rows: number;
}

interface Verified {
  readonly name: string;
  readonly equal: boolean;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly equal: boolean }[];
}

/** Backends without probes, so that nothing changes by itself. */
const MAGLEV = `maglev:
  backends:
    one: {address: 10.0.0.1}
    two: {address: 10.0.0.2}
  frontends:
    vip: {address: 10.1.0.1, pools: [{name: primary, backends: {one: {}}}, {name: fallback, backends: {two: {}}}]}
`;

describe('signalbox projections', () => {
  let site: Site;
  let client: pg.Client;

  beforeAll(async () => {
    site = await Site.start();
    client = new pg.Client({ connectionString: site.database.url });
    await client.connect();
    const works = await site.addPlugin('works', seenHost());
    await site.apply(manifest(plugin('works', works), subscription('seen', 'host.seen', 'works')));
    const facts = ['a', 'b', 'c'].map((subject) => ({
      type: 'host.seen',
      subject,
      payload: { serial: '1' },
    }));
    await site.rest('POST', '/v1/groups/default/events', facts);
    await until(
      'three parts',
      async () => (await client.query(`select 1 from parts where state = 'active'`)).rowCount === 3,
    );
    await site.apply(MAGLEV);
    await site.rest('POST', '/v1/backends/one/disable', { reason: 'a test' });
    await site.rest('PUT', '/v1/frontends/vip/pools/fallback/backends/two/weight', { weight: 20 });
  }, 300_000);

  afterAll(async () => {
    await client.end();
    await site.stop();
  });

  async function verify(...args: string[]): Promise<{ code: number | null; projections: Verified[] }> {
    const { code, stdout } = await site.cli('projections', 'verify', ...args, '-o', 'json');
    return { code, projections: JSON.parse(stdout) as Verified[] };
  }

  it('list shows every projection with its position', async () => {
    const listed = await until('every projection to have read its stream', async () => {
      const items = await site.json<Listed[]>('projections', 'list');
      return items.every(({ lag }) => lag === 0) && items;
    });
    const rows = Object.fromEntries(listed.map((item) => [item.name, item.rows]));
    expect(rows).toMatchObject({ 'facts.default': 3, runs: 3, tokens: 1, 'weight-overrides': 1 });
    expect(listed.find(({ name }) => name === 'facts.default')?.position).toBe(3);
    const { stdout } = await site.cli('projections', 'list');
    expect(stdout).toMatch(/^NAME +STREAM +POSITION +LAST_SEQ +LAG +ROWS\n/);
    expect(stdout).toMatch(/^facts\.default +FACTS_default +3 +3 +0 +3$/m);
  }, 300_000);

  it('verify finds every table equal, and names a row that was changed by hand and one that was lost', async () => {
    const before = await verify();
    expect(before.projections.filter(({ equal }) => !equal)).toEqual([]);
    expect(before.code).toBe(0);
    const rows = before.projections.flatMap(({ tables }) => tables.map((table) => [table.name, table.rows]));
    expect(Object.fromEntries(rows)).toMatchObject({
      facts: 3,
      runs: 3,
      parts: 3,
      backends: 2,
      frontends: 1,
    });

    await client.query(`update facts set subject = 'nobody' where subject = 'b'`);
    await client.query(`delete from backends where name = 'two'`);
    const table = await site.cli('projections', 'verify');
    expect(table.code).toBe(1);
    expect(table.stdout).toMatch(/^facts\.default .* no /m);
    expect(table.stdout).toMatch(
      /table facts: 1 row differs:\n {2}different +group_name=default id=\S+ {2}\(subject\)\n/,
    );
    expect(table.stdout).toMatch(/table backends: 1 row differs:\n {2}missing +name=two\n/);
    expect((await verify('runs', 'parts')).code).toBe(0);
  }, 300_000);

  it('rebuild mends what verify names, while reads are answered', async () => {
    const rebuilt = site.cli('projections', 'rebuild', '-o', 'json');
    let isDone = false;
    void rebuilt.finally(() => (isDone = true));
    do expect((await site.json<unknown[]>('event', 'list')).length).toBe(3);
    while (!isDone);
    const { code, stdout, stderr } = await rebuilt;
    expect(code).toBe(0);
    expect(stderr).toContain('rows were mended');
    const tables = (JSON.parse(stdout) as Rebuilt[]).flatMap((one) => one.tables);
    expect(tables.filter(({ added, changed, removed }) => added + changed + removed > 0)).toEqual([
      { name: 'facts', rows: 3, added: 0, changed: 1, removed: 0 },
      { name: 'backends', rows: 2, added: 1, changed: 0, removed: 0 },
    ]);
    const after = await verify();
    expect([after.code, after.projections.filter(({ equal }) => !equal)]).toEqual([0, []]);
    const left = await client.query(`select 1 from pg_namespace where nspname like 'scratch%'`);
    expect(left.rowCount).toBe(0);
  }, 300_000);

  it('X40 verify finds them equal after a lease was extended, read one by one and in one batch', async () => {
    for (const ttl of ['5m', '6m']) {
      const emit = ['event', 'emit', '--type', 'host.seen', '--subject', 'z', '--id', 'z1'];
      const { code } = await site.cli(...emit, '--payload', 'serial=1', '--ttl', ttl);
      expect(code).toBe(0);
      await until('the fact in the table', async () => {
        const { rowCount } = await client.query(`select 1 from facts where id = 'z1' and version = $1`, [
          ttl === '5m' ? 1 : 2,
        ]);
        return rowCount === 1;
      });
    }
    const { code, projections } = await verify('facts.default', 'runs', 'parts');
    expect(projections.filter(({ equal }) => !equal)).toEqual([]);
    expect(code).toBe(0);
  }, 60_000);

  it('verify of a projection that is not there ends with 4', async () => {
    const { code, stderr } = await site.cli('projections', 'verify', 'nothing');
    expect(code).toBe(4);
    expect(stderr).toContain('there is no projection nothing');
  });
});
