import { expect, it } from '@jest/globals';
import type { ProjectionItem, VerifiedProjection } from './rest-shapes.js';
import { problem } from './testing/stub-site.fixture.js';
import { stubbedCli } from './testing/stubbed-cli.fixture.js';

const cli = stubbedCli();
const { signalbox } = cli;

const ITEM: ProjectionItem = {
  name: 'facts.default',
  stream: 'FACTS_default',
  position: 41,
  lastSeq: 42,
  lag: 1,
  rows: 7,
  tables: [{ name: 'facts', rows: 7 }],
};
const EQUAL: VerifiedProjection = {
  name: 'tokens',
  stream: 'JOURNAL',
  position: 2,
  records: 1,
  passedOver: 0,
  equal: true,
  tables: [
    {
      name: 'tokens',
      rows: 1,
      rowsFolded: 1,
      live: 'a'.repeat(64),
      folded: 'a'.repeat(64),
      equal: true,
      differences: 0,
      named: [],
    },
  ],
};
const DIFFERS: VerifiedProjection = {
  name: 'facts.default',
  stream: 'FACTS_default',
  position: 42,
  records: 42,
  passedOver: 1,
  equal: false,
  tables: [
    {
      name: 'facts',
      rows: 7,
      rowsFolded: 8,
      live: 'b'.repeat(64),
      folded: 'c'.repeat(64),
      equal: false,
      differences: 12,
      named: [
        { kind: 'different', key: { group_name: 'default', id: 'evt-1' }, columns: ['subject', 'version'] },
        { kind: 'missing', key: { group_name: 'default', id: 'evt-2' } },
        { kind: 'extra', key: { group_name: 'default', id: 'evt-3' } },
      ],
    },
  ],
};

const VERIFY = 'POST /v1/projections/verify';
const lines = (...values: readonly object[]) => ({
  type: 'application/x-ndjson',
  body: values.map((value) => `\n${JSON.stringify(value)}\n`).join(''),
});

it('projections list', async () => {
  cli.site.on('GET /v1/projections', { body: { items: [ITEM] } });
  expect(await signalbox('projections list')).toMatchObject({ code: 0, err: '' });
  expect((await signalbox('projections list')).out).toMatchSnapshot();
  expect((await signalbox('projections list -o wide')).out).toMatchSnapshot();
  expect(JSON.parse((await signalbox('projections list -o json')).out)).toEqual([ITEM]);
});

it('projections verify: 0 when all are equal', async () => {
  cli.site.on(VERIFY, lines(EQUAL));
  const { code, out, err } = await signalbox('projections verify tokens runs');
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatchSnapshot();
  expect(cli.site.requests[0]).toMatchObject({
    url: '/v1/projections/verify?name=tokens%2Cruns',
    headers: { accept: 'application/x-ndjson' },
  });
});

it('projections verify: 1 and the rows when some differ', async () => {
  cli.site.on(VERIFY, lines(EQUAL, DIFFERS));
  const table = await signalbox('projections verify');
  expect([table.code, table.err]).toEqual([1, '']);
  expect(table.out).toMatchSnapshot();
  expect((await signalbox('projections verify -o wide')).out).toMatchSnapshot();
  const json = await signalbox('projections verify -o json');
  expect([json.code, JSON.parse(json.out)]).toEqual([1, [EQUAL, DIFFERS]]);
  const { out } = await signalbox('projections verify -o ndjson');
  expect(out).toBe(`${JSON.stringify(EQUAL)}\n${JSON.stringify(DIFFERS)}\n`);
  const { err } = await signalbox('projections verify', { tty: true });
  expect(err).toBe('signalbox: tokens is equal\nsignalbox: facts.default differs\n');
});

it('projections verify: says why it broke off or was refused', async () => {
  cli.site.on(VERIFY, lines(EQUAL, { error: { code: 'store-unavailable', message: 'gone' } }));
  expect(await signalbox('projections verify -o ndjson')).toMatchObject({
    code: 1,
    out: `${JSON.stringify(EQUAL)}\n`,
    err: expect.stringContaining('signalbox: store-unavailable: gone\n'),
  });
  cli.site.on(VERIFY, problem(409, 'verify-running', 'wait'));
  expect(await signalbox('projections verify')).toMatchObject({ code: 5 });
  cli.site.on(VERIFY, problem(404, 'not-found', 'there is no projection x'));
  expect(await signalbox('projections verify x')).toMatchObject({
    code: 4,
    err: expect.stringContaining('next: signalbox projections list\n'),
  });
});

it.each([
  ['{"name":', 'ends in the middle of a line'],
  ['<html>\n', 'a line that is not JSON'],
])('projections verify: does not take %j for an answer', async (body, message) => {
  cli.site.on(VERIFY, { type: 'application/x-ndjson', body });
  const { code, err } = await signalbox('projections verify');
  expect(code).toBe(6);
  expect(err).toContain(message);
});

it('projections verify: Ctrl-C stops it', async () => {
  cli.site.on(VERIFY, lines(EQUAL));
  const { code, err } = await signalbox('projections verify', { interrupted: () => AbortSignal.abort() });
  expect([code, err]).toEqual([
    1,
    'signalbox: interrupted: stopped before every projection was verified\nnext: signalbox projections verify\n',
  ]);
});
