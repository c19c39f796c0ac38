import { jest } from '@jest/globals';
import { Site, until } from '@signalbox/testing';
import pg from 'pg';
import { activeParts, type PartItem, type RunItem } from './history-check.js';
import { addSeenHost, SEEN, seenHostSubscription } from './seen-host.js';

jest.setTimeout(60_000);

/** Postgres refuses one table for a while: what was decided before its rows could be written must not be decided twice. */
describe('a table that cannot be written for a while', () => {
  let site: Site;
  let database: pg.Client;

  beforeAll(async () => {
    site = await Site.start();
    database = new pg.Client({ connectionString: site.database.url });
    await database.connect();
    await site.apply(await addSeenHost(site));
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

  it('F3 matches that could not be saved start no run twice and block no lineage', async () => {
    await site.apply(seenHostSubscription('unsaved', 'f3.seen'));
    await database.query('alter table matches rename to matches_away');
    await emit('f3-first', 'host-f3', 'f3.seen');
    await partOf('unsaved', 'f3-first');
    await until('the failure to be seen', () => site.log.includes('a batch could not be handled'));
    await database.query('alter table matches_away rename to matches');

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
    await database.query('alter table facts rename to facts_away');
    const answer = await site.rest<{ pending: boolean }>(
      'POST',
      '/v1/apply',
      seenHostSubscription('late', 'f19.seen'),
    );
    expect([answer.status, answer.body.pending]).toEqual([202, true]);
    await database.query('alter table facts_away rename to facts');

    await partOf('late', 'f19-live');
    await database.query('alter table parts rename to parts_away');
    const removal = await site.rest('DELETE', '/v1/resources/EventSubscription/late');
    expect(removal.status).toBe(202);
    await database.query('alter table parts_away rename to parts');
    await until('the part to be withdrawn', async () => (await activeParts(site, 'late')).length === 0);
  });
});
