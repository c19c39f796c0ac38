import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appendDeadLetter } from '@signalbox/bus';
import { until } from '@signalbox/testing';
import type { SiteContext } from './start/context-file.js';
import { ApiSite } from './testing/api-site.fixture.js';

const START_MS = 300_000;
let site: ApiSite;

beforeAll(async () => {
  site = await ApiSite.create();
  await site.boot();
  const file = join(site.config.stateDir, 'context.json');
  site.useContext(JSON.parse(readFileSync(file, 'utf8')) as SiteContext);
}, START_MS);

afterAll(() => site.destroy(), START_MS);

async function scrape(): Promise<string> {
  return (await fetch(new URL('/metrics', site.services.url))).text();
}

/** The value of a sample, undefined when there is none. */
function sample(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

it('shows how full the streams are and how many dead letters there are', async () => {
  const bury = (msgId: string): Promise<void> =>
    appendDeadLetter(site.bus, {
      service: 'matcher',
      error: { code: 'poison-message', message: 'not JSON' },
      subject: 'facts.default.own.1.seen',
      data: Buffer.from('{'),
      at: '2026-01-01T00:00:00Z',
      msgId,
    });
  await Promise.all([bury('one'), bury('two')]);
  const series = 'signalbox_dead_letters{service="matcher",code="poison-message"}';
  await until('two dead letters', async () => sample(await scrape(), series) === 2);
  const text = await scrape();
  const dead = 'kind="stream",name="DEAD",unit="bytes",when_full="loses"';
  expect(sample(text, `signalbox_storage_records{${dead}}`)).toBe(2);
  expect(sample(text, `signalbox_storage_used{${dead}}`)).toBeGreaterThan(0);
  expect(sample(text, `signalbox_storage_bound{${dead}}`)).toBe(256 * 1024 * 1024);
  expect(text).not.toMatch(/signalbox_storage_bound\{kind="stream",name="JOURNAL"/);
  expect(sample(text, 'signalbox_ready{part="nats"}')).toBe(1);
});

it('leaves out what cannot be read, and nothing else', async () => {
  await site.dataSource.query('alter table dead_letters rename to hidden');
  const text = await scrape();
  expect(text).not.toContain('signalbox_dead_letters{');
  expect(text).toMatch(/^signalbox_storage_records\{kind="stream",name="DEAD",.*\} 2$/m);
  await site.dataSource.query('alter table hidden rename to dead_letters');
});
