import { expect, it } from '@jest/globals';
import { storedThing } from '@signalbox/contracts';
import { siteProjections } from './projections.js';

it('the list of what a site keeps names the owner of every projected table', () => {
  const tables = siteProjections(['default']).flatMap(({ owner, tables: own }) =>
    own.map(({ name }) => ({ name, owner })),
  );
  expect(tables.length).toBeGreaterThan(10);
  expect(tables.map(({ name }) => ({ name, owner: storedThing('table', name)?.owner }))).toEqual(tables);
});
