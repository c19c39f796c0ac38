import { jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import { activeParts, type PartItem, type RunItem } from './history-check.js';
import type { ApplyAnswer } from '../../apps/cli/src/rest/answers.js';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { explain, runsOf } from '../e2e/site-activity.js';
import { seenHost } from '../e2e/test-plugins.js';

jest.setTimeout(300_000);

/** Postgres refuses one table for a while: what was decided before its rows could be written must not be decided twice. */
describe('a table that cannot be written for a while', () => {
  let site: Site;
  let database: pg.Client;

  beforeAll(async () => {
    site = await Site.start();
    database = new pg.Client({ connectionString: site.database.url });
    await database.connect();
    await site.apply(manifest(plugin('seen-host', await site.addPlugin('seen-host', seenHost()))));
  });

  afterAll(async () => {
    await database.end();
    await site.stop();
  });

  async function emit(id: string, subject: string, type: string): Promise<void> {
    const fact = { id, type, subject, payload: { serial: id } };
    expect((await site.rest('POST', '/v1/groups/default/events', fact)).status).toBe(202);
  }

  function partOf(subscription: string, id: string): Promise<PartItem> {
    return until(`the part of ${id}`, async () => {
      const parts = await activeParts(site, subscription);
      return parts.find(({ facts }) => facts.some((fact) => fact.id === id));
    });
  }

  it('F3 what could not be saved of the matches starts no run twice and blocks no lineage', async () => {
    await site.apply(manifest(subscription('unsaved', 'f3.seen', 'seen-host')));
    await database.query(
      `alter table positions add constraint shut check (projection <> 'matches') not valid`,
    );
    await emit('f3-first', 'host-f3', 'f3.seen');
    await partOf('unsaved', 'f3-first');
    await until('the failure to be seen', () => site.log.includes('a checkpoint could not be written'));
    await database.query('alter table positions drop constraint shut');
    await site.kill();
    await site.up();

    await emit('f3-second', 'host-f3', 'f3.seen');
    expect(await partOf('unsaved', 'f3-second')).toMatchObject({ generation: 2 });
    const runs = await site.all<RunItem>('/v1/runs?subscription=unsaved');
    expect(runs.map(({ state, facts: [fact] }) => [state, fact?.id]).sort()).toEqual([
      ['succeeded', 'f3-first'],
      ['succeeded', 'f3-second'],
    ]);
  });

  it('F19 a rule that could not be evaluated at first is evaluated when the facts can be read', async () => {
    await emit('f19-live', 'host-f19', 'f19.seen');
    await until('the fact to be stored', async () => {
      const events = await site.all<{ id: string }>('/v1/groups/default/events');
      return events.some(({ id }) => id === 'f19-live');
    });
    await withoutFacts(subscription('late', 'f19.seen', 'seen-host'));
    await partOf('late', 'f19-live');
    await withoutFacts(subscription('late', 'f19.other', 'seen-host'));
    await until('the part to be withdrawn', async () => (await activeParts(site, 'late')).length === 0);
  });

  it('F19 what a switch planned that could not be recorded at first is not planned again', async () => {
    await emit('f19-first', 'host-again', 'f19.again');
    await database.query(
      `alter table positions add constraint shut check (projection <> 'matches') not valid`,
    );
    const rule = manifest(subscription('again', 'f19.again', 'seen-host'));
    const { status, body } = await site.rest<ApplyAnswer>('POST', '/v1/apply', rule);
    expect([status, body.waitingFor]).toEqual([202, ['matcher']]);
    // whatever is matched makes the plans that are due
    await emit('f19-other', 'host-other', 'f19.other');
    await partOf('again', 'f19-first');
    await database.query('alter table positions drop constraint shut');
    await until('the switch to be recorded', async () => {
      const { decisions } = await explain(site, 'f19-first');
      return decisions.some(({ subscription: name, matched }) => name === 'again' && matched);
    });

    await emit('f19-second', 'host-again', 'f19.again');
    expect(await partOf('again', 'f19-second')).toMatchObject({ generation: 2 });
    const runs = await runsOf(site, 'again');
    expect(runs.map(({ executions }) => executions.length)).toEqual([1, 1]);
  });

  /** Applies while the facts cannot be read: the changeset stands, the matcher cannot follow yet. */
  async function withoutFacts(rule: Resource): Promise<void> {
    await database.query('alter table facts rename to facts_away');
    const { status, body } = await site.rest<ApplyAnswer>('POST', '/v1/apply', manifest(rule));
    await database.query('alter table facts_away rename to facts');
    expect([status, body.waitingFor]).toEqual([202, ['matcher']]);
  }
});
