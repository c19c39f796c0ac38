import { expect, it } from '@jest/globals';
import type { ProjectionItem, RebuiltProjection, VerifiedProjection } from './rest/answers.js';
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
  expect(err).toMatch(/^signalbox: tokens is equal\nsignalbox: facts.default differs\n/);
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

const REBUILD = 'POST /v1/projections/rebuild';
const RIGHT: RebuiltProjection = {
  ...{ name: 'tokens', stream: 'JOURNAL', position: 2, records: 1, passedOver: 0 },
  tables: [{ name: 'tokens', rows: 1, added: 0, changed: 0, removed: 0 }],
};
const MENDED: RebuiltProjection = {
  ...{ name: 'facts.default', stream: 'FACTS_default', position: 42, records: 42, passedOver: 1 },
  tables: [{ name: 'facts', rows: 8, added: 3, changed: 2, removed: 1 }],
};
const progressOf = (position: number) => ({
  name: 'facts.default',
  progress: { from: 2, position, to: 42, records: position - 2 },
});

it('projections rebuild: prints what was mended, and that services may know what was wrong', async () => {
  cli.site.on(REBUILD, lines(RIGHT));
  const right = await signalbox('projections rebuild tokens');
  expect([right.code, right.err]).toEqual([0, '']);
  expect(cli.site.requests[0]).toMatchObject({ url: '/v1/projections/rebuild?name=tokens' });
  cli.site.on(REBUILD, lines(RIGHT, progressOf(2), progressOf(22), MENDED));
  const { code, out, err } = await signalbox('projections rebuild');
  expect(code).toBe(0);
  expect(out).toMatchSnapshot();
  expect(err).toBe(
    'signalbox: rows were mended: a service that was started while they were wrong knows them as they were\n',
  );
  expect((await signalbox('projections rebuild -o wide')).out).toMatchSnapshot();
  expect(JSON.parse((await signalbox('projections rebuild -o json')).out)).toEqual([RIGHT, MENDED]);
  const { out: ndjson } = await signalbox('projections rebuild -o ndjson');
  expect(ndjson).toBe(`${JSON.stringify(RIGHT)}\n${JSON.stringify(MENDED)}\n`);
});

it('projections rebuild: shows a bar on a terminal', async () => {
  cli.site.on(REBUILD, lines(progressOf(2), progressOf(22), MENDED));
  const { err } = await signalbox('projections rebuild', { tty: true });
  expect(err.split('\r\x1b[K').map((line) => line.replace(/ {2}[\d,]+\/s$/, ''))).toEqual([
    '',
    'facts.default [------------------------------]   0 %',
    'facts.default [###############---------------]  50 %',
    expect.stringMatching(/^signalbox: facts.default is what its stream says\n/),
  ]);
});

it('projections rebuild: says why it broke off', async () => {
  cli.site.on(REBUILD, lines(progressOf(2), { error: { code: 'store-unavailable', message: 'gone' } }));
  expect(await signalbox('projections rebuild')).toMatchObject({
    code: 1,
    err: expect.stringContaining('signalbox: store-unavailable: gone\n'),
  });
});
