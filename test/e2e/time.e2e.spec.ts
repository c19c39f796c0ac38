import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { formatTime, type Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import type {
  ConfigChanges,
  GenerationItem,
  ResourceExplanation,
  VersionItem,
} from '../../apps/cli/src/rest/answers.js';
import { manifest, plugin, resource, subscription } from './manifests.js';
import { emit, type RouterDocument } from './site-activity.js';
import { seenHost } from './test-plugins.js';

jest.setTimeout(300_000);

const GENERATION = 'signalbox.dev/generation';
const FACT = 'routerd.net/event-id';

/** A render, and a time at which the config was so. */
interface Moment {
  readonly time: string;
  readonly router: RouterDocument;
}

function generationOf({ router }: Moment): string {
  return router.metadata.annotations?.[GENERATION] ?? '';
}

describe('the past of the effective config', () => {
  let site: Site;
  const moments: Moment[] = [];

  /** Waits until the config is so, and notes when it was. */
  async function noted(what: string, isSo: (resources: readonly Resource[]) => boolean): Promise<Moment> {
    const router = await until(what, async () => {
      const { body } = await site.rest<RouterDocument>('GET', '/v1/effective-config');
      return isSo(body.spec.resources) && body;
    });
    const moment = { time: formatTime(Date.now()), router };
    moments.push(moment);
    return moment;
  }

  const serialIs =
    (name: string, serial: string) =>
    (resources: readonly Resource[]): boolean =>
      resources.some(({ metadata, spec }) => metadata.name === name && spec['serial'] === serial);

  beforeAll(async () => {
    site = await Site.start({ env: { SIGNALBOX_ACTIVITY_MAX_AGE: '1s' } });
    await site.apply(
      manifest(
        plugin('seen-host', await site.addPlugin('seen-host', seenHost())),
        plugin('brief-host', await site.addPlugin('brief-host', seenHost({ ttl: '2s' }))),
        subscription('seen', 'host.seen', 'seen-host'),
        subscription('brief', 'brief.seen', 'brief-host'),
      ),
    );
    const seen = (id: string, type: string, subject: string, serial: string): Promise<void> =>
      emit(site, { id, type, subject, payload: { serial } });
    await seen('a-1', 'host.seen', 'a', '1');
    await noted('a to be there', serialIs('a', '1'));
    await seen('b-1', 'brief.seen', 'b', '1');
    await noted('b to be there', serialIs('b', '1'));
    await seen('a-renewed', 'host.seen', 'a', '1');
    await noted('the newer fact of a', (resources) =>
      resources.some(({ metadata }) => metadata.annotations?.[FACT] === 'a-renewed'),
    );
    await noted('b to end', (resources) => resources.every(({ metadata }) => metadata.name !== 'b'));
    const printer = manifest(resource('example.net/v1', 'Printer', 'hall', { address: '10.0.0.7' }));
    await site.rest('POST', '/v1/apply?message=the%20printer%20of%20the%20hall', printer);
    await noted('the printer', (resources) => resources.some(({ metadata }) => metadata.name === 'hall'));
    await seen('a-2', 'host.seen', 'a', '2');
    await noted('a to change', serialIs('a', '2'));
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  async function allAsThey(): Promise<void> {
    for (const { time, router } of moments)
      expect(await site.json<RouterDocument>('dynamic', 'render', '--at', time)).toEqual(router);
  }

  it('D19 render --at a time is what was rendered then, annotations and all', async () => {
    await allAsThey();
    const [, second, third] = moments;
    expect(second!.router.spec.resources.find(({ metadata }) => metadata.name === 'a')).toMatchObject({
      metadata: { annotations: { [FACT]: 'a-1' } },
    });
    expect(generationOf(third!)).toBe(generationOf(second!));
  });

  it('D19 render --at a generation has its content', async () => {
    const last = moments.at(-1)!;
    const router = await site.json<RouterDocument>('dynamic', 'render', '--at', generationOf(last));
    expect(router).toEqual(last.router);
    expect(await site.cli('dynamic', 'render', '--at', '999')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('there is no generation 999: the newest is'),
    });
  });

  it('D19 diff --from tells what changed since, field by field', async () => {
    const changes = await site.json<ConfigChanges>('dynamic', 'diff', '--from', moments[1]!.time);
    expect(changes.items.map(({ action, kind, name }) => [action, kind, name])).toEqual([
      ['added', 'Printer', 'hall'],
      ['changed', 'SeenHost', 'a'],
      ['removed', 'SeenHost', 'b'],
    ]);
    expect(changes.items[1]?.fields).toEqual([{ path: '/spec/serial', from: '1', to: '2' }]);
    const { stdout } = await site.cli(
      'dynamic',
      'diff',
      '--from',
      moments[0]!.time,
      '--to',
      moments[1]!.time,
    );
    expect(stdout).toMatch(/^\+ SeenHost\/b\ngeneration \d+ \(.*\) → generation \d+ \(.*\): 1 added\n$/);
  });

  it('D19 history tells when, who and why, of the config and of one resource', async () => {
    const generations = await site.json<GenerationItem[]>('dynamic', 'history');
    const told = generations.map(({ why, changes }) => [
      why,
      changes.map(({ action, name }) => `${action} ${name}`),
    ]);
    expect(told.slice(0, 5)).toEqual([
      [
        expect.stringMatching(
          /^EventSubscription\/seen by run run-\w+ of Plugin\/seen-host, rule of revision \d+, from fact a-2 of /,
        ),
        ['changed a'],
      ],
      [expect.stringMatching(/^revision \d+ by .*: the printer of the hall$/), ['added hall']],
      [
        expect.stringMatching(/^part 1 of EventSubscription\/brief\/\w+ is expired: ended at /),
        ['removed b'],
      ],
      [expect.stringMatching(/from fact b-1 of /), ['added b']],
      [expect.stringMatching(/from fact a-1 of /), ['added a']],
    ]);
    const { stdout } = await site.cli('dynamic', 'history', 'SeenHost/a');
    expect(stdout).toMatch(
      /^generation \d+ .* from fact a-2 of .*\n~ SeenHost\/a\n {4}\/spec\/serial: "1" → "2"\ngeneration \d+ .* from fact a-1 of .*\n\+ SeenHost\/a\n$/,
    );
    const [gone] = await site.json<VersionItem[]>('dynamic', 'history', 'SeenHost/b');
    expect(gone?.went?.why).toContain('is expired');
  });

  it('D19 explain goes down to who observed it, or who declared it', async () => {
    const a = await site.json<ResourceExplanation>('dynamic', 'explain', 'SeenHost/a');
    expect(a).toMatchObject({
      state: 'present',
      version: { action: 'changed' },
      part: { state: 'active', plugin: 'seen-host' },
      run: { state: 'succeeded', executions: [{ pluginDigest: expect.any(String) }] },
      facts: [{ id: 'a-2', type: 'host.seen', way: 'rest' }],
    });
    const { stdout } = await site.cli('dynamic', 'explain', 'Printer/hall');
    expect(stdout).toMatch(
      /^Printer\/hall stands as it is since generation \d+ \(.*\): revision \d+ by .*: the printer of the hall\n/,
    );
    const b = await site.json<ResourceExplanation>('dynamic', 'explain', 'SeenHost/b');
    expect(b).toMatchObject({ state: 'gone', part: { state: 'expired' }, facts: [{ id: 'b-1' }] });
    expect(b.verdict).toMatch(
      /^SeenHost\/b is gone since generation \d+ \(.*\): part 1 of .* is expired: ended at /,
    );
    expect((await site.cli('dynamic', 'explain', 'SeenHost/never')).code).toBe(4);
  });

  it('D19 is the same after a restart and when the tables were folded anew', async () => {
    await site.kill();
    await site.up();
    await allAsThey();
    expect((await site.cli('projections', 'rebuild', 'parts')).code).toBe(0);
    await allAsThey();
    expect(await site.differences()).toBe('');
  });

  it('D19 behind a compaction it is still known, before it is not kept', async () => {
    const last = moments.at(-1)!;
    const refused = await until('the first to be gone', async () => {
      await site.json('compact');
      const answer = await site.cli('dynamic', 'render', '--at', moments[0]!.time);
      return answer.code === 1 && answer.stderr;
    });
    expect(refused).toContain(`not-kept: nothing is kept of ${moments[0]!.time}: ask for generation`);
    expect(await site.json('dynamic', 'render', '--at', last.time)).toEqual(last.router);
    await site.kill();
    await site.up();
    expect(await site.json('dynamic', 'render', '--at', last.time)).toEqual(last.router);
    expect(await site.differences()).toBe('');
  });
});
