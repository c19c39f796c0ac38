import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CHECKOUT, Site, until } from '@signalbox/testing';
import { manifest, plugin, subscription } from '../e2e/manifests.js';
import { activePart, emit, ENDED, partsOf, type RouterDocument, runsOf } from '../e2e/site-activity.js';
import { claimWorld } from '../e2e/claim-world.js';

const OBSERVED = 'routerd.client.ipv4.observed';
const ADDRESS = '10.88.60.9/32';
const GENERATION = 'signalbox.dev/generation';
const SECONDS = 60;
const OBSERVE_EVERY_MS = 2000;
/** Far above what a renewal takes on a busy machine, and far below the length of the test. */
const CLAIM_SECONDS = 20;
const SAMPLE_EVERY_MS = 100;

/** What one look at the effective config found. */
interface Sample {
  readonly atMs: number;
  readonly generation: number;
  readonly nics: readonly string[];
  readonly events: readonly (string | undefined)[];
  readonly quarantined: string | undefined;
}

describe('an address that is observed again and again', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start();
    const example = join(CHECKOUT, 'examples', 'plugins', 'event-to-remote-claim');
    const executable = await site.addPlugin('event-to-remote-claim', await readFile(example, 'utf8'));
    await site.apply(
      manifest(
        ...claimWorld(),
        plugin('to-claim', executable, { env: { CLAIM_TTL: `${CLAIM_SECONDS}s` } }),
        subscription('renewal', OBSERVED, 'to-claim'),
      ),
    );
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  async function look(): Promise<Sample> {
    const { status, body } = await site.rest<RouterDocument>('GET', '/v1/effective-config');
    if (status !== 200) throw new Error(`the effective config answered ${status}`);
    const claims = body.spec.resources.filter(({ kind }) => kind === 'RemoteAddressClaim');
    return {
      atMs: Date.now(),
      generation: Number(body.metadata.annotations?.[GENERATION]),
      nics: claims.map(({ spec }) => (spec['capture'] as { nicRef: string }).nicRef),
      events: claims.map(({ metadata }) => metadata.annotations?.['routerd.net/event-id']),
      quarantined: body.metadata.annotations?.['signalbox.dev/quarantined'],
    };
  }

  /** Calls `work` at a steady pace until `endMs`; it is the load of this test, not a wait. */
  async function every(paceMs: number, endMs: number, work: (turn: number) => Promise<void>): Promise<void> {
    const startMs = Date.now();
    for (let turn = 1; startMs + turn * paceMs < endMs; turn += 1) {
      const wait = startMs + turn * paceMs - Date.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      await work(turn);
    }
  }

  it(
    'S21 has exactly one claim all the time: no gap, no conflict, a new generation only for new content',
    async () => {
      const observe = (turn: number, nicRef: string): Promise<void> =>
        emit(site, { id: `renewal-${turn}`, type: OBSERVED, subject: ADDRESS, payload: { nicRef } });
      await observe(0, 'nic-a');
      await activePart(site, 'renewal', 'renewal-0');
      await until('the claim', async () => (await look()).nics.length === 1);

      const endMs = Date.now() + SECONDS * 1000;
      const samples: Sample[] = [];
      const turns = (SECONDS * 1000) / OBSERVE_EVERY_MS;
      const nicOf = (turn: number): string => (turn <= turns / 2 ? 'nic-a' : 'nic-b');
      let last = 0;
      await Promise.all([
        every(OBSERVE_EVERY_MS, endMs, async (turn) => {
          await observe(turn, nicOf(turn));
          last = turn;
        }),
        every(SAMPLE_EVERY_MS, endMs, async () => {
          samples.push(await look());
        }),
      ]);

      expect(last).toBe(turns - 1);
      expect(samples.length).toBeGreaterThan(SECONDS);
      expect(samples.filter(({ nics, quarantined }) => nics.length !== 1 || quarantined !== '0')).toEqual([]);
      const contents = samples.map(({ generation, nics: [nic] }) => `${generation} ${nic}`);
      const first = samples[0]?.generation ?? 0;
      expect([...new Set(contents)]).toEqual([`${first} nic-a`, `${first + 1} nic-b`]);
      expect(new Set(samples.flatMap(({ events }) => events)).size).toBeGreaterThan(turns / 2);

      await until('the last renewal', async () =>
        (await runsOf(site, 'renewal')).every(({ state }) => ENDED.includes(state)),
      );
      const runs = await runsOf(site, 'renewal');
      expect(runs.map(({ state }) => state)).toEqual(Array.from({ length: turns }, () => 'succeeded'));
      const parts = await partsOf(site, 'renewal');
      expect(parts.map(({ generation }) => generation)).toEqual(
        Array.from({ length: turns }, (_, at) => at + 1),
      );
      expect(new Set(parts.map(({ source }) => source)).size).toBe(1);
      expect(parts.slice(0, -1).filter(({ state }) => state !== 'superseded')).toEqual([]);

      await until(
        'the claim to end when nobody observes it any more',
        async () => (await look()).nics.length === 0,
      );
      expect((await partsOf(site, 'renewal')).at(-1)?.state).toBe('expired');
    },
    (SECONDS + 120) * 1000,
  );
});
