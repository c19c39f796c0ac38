import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import type { ApplyAnswer, RouterDocument } from '../../apps/cli/src/rest/answers.js';
import { manifest, plugin, subscription } from './manifests.js';
import { activePart, activeParts, emit, endedRun, explain, partsOf } from './site-activity.js';
import { seenHost } from './test-plugins.js';

jest.setTimeout(300_000);

const BROKEN = '#!/bin/sh\nexit 3\n';

/** The resource under the name it had before. */
function renamed(resource: Resource, renamedFrom: string): Resource {
  return { ...resource, metadata: { ...resource.metadata, renamedFrom } };
}

describe('a renamed subscription', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start({ shape: 'services' });
    const good = await site.addPlugin('good', seenHost());
    const brief = await site.addPlugin('brief', seenHost({ ttl: '15s' }));
    const broken = await site.addPlugin('broken', BROKEN);
    await site.apply(manifest(plugin('good', good), plugin('brief', brief), plugin('broken', broken)));
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  /** Applies a set: what was in it before and is not given goes in the same changeset. */
  async function applySet(set: string, ...resources: readonly Resource[]): Promise<ApplyAnswer> {
    const { status, body } = await site.rest<ApplyAnswer>(
      'POST',
      `/v1/apply?set=${set}`,
      manifest(...resources),
    );
    expect([status, body]).toEqual([expect.any(Number), expect.objectContaining({ changed: true })]);
    expect([200, 202]).toContain(status);
    return body;
  }

  async function emitHost(id: string, serial: string): Promise<void> {
    await emit(site, { id, type: `${id.split('-')[0]!}.seen`, subject: id, payload: { serial } });
  }

  /** Generations in which a resource went. */
  async function removals(name: string): Promise<number[]> {
    const { body } = await site.rest<{ items: { action: string; generation: number }[] }>(
      'GET',
      `/v1/effective-config/resources/SeenHost/${name}/versions`,
    );
    return body.items.filter(({ action }) => action !== 'added').map(({ generation }) => generation);
  }

  async function hosts(): Promise<string[]> {
    const { spec } = await site.json<RouterDocument>('dynamic', 'render');
    return spec.resources.filter(({ kind }) => kind === 'SeenHost').map(({ metadata }) => metadata.name);
  }

  it('hands over what it led to: the new part takes the place of the old one in the same record', async () => {
    await applySet('good', subscription('good-old', 'good.seen', 'good'));
    await emitHost('good-a', '1');
    const before = await activePart(site, 'good-old', 'good-a');

    const { plan } = await applySet(
      'good',
      renamed(subscription('good-new', 'good.seen', 'good'), 'good-old'),
    );
    expect(plan).toMatchObject([
      { action: 'added', name: 'good-new', renamedFrom: 'good-old' },
      { action: 'removed', name: 'good-old', renamedTo: 'good-new' },
    ]);
    await activePart(site, 'good-new', 'good-a');
    const old = (await partsOf(site, 'good-old')).find(({ source }) => source === before.source);
    expect(old?.state).toBe('superseded');
    expect(await removals('good-a')).toEqual([]);
    expect((await explain(site, 'good-a')).verdict).toContain('good-new: part');
  });

  it('keeps what it had until its ttl when the new run fails', async () => {
    await applySet('fails', subscription('fails-old', 'fails.seen', 'brief'));
    await emitHost('fails-a', '1');
    await activePart(site, 'fails-old', 'fails-a');
    await applySet('fails', renamed(subscription('fails-new', 'fails.seen', 'broken'), 'fails-old'));
    expect(await endedRun(site, 'fails-new', 'fails-a')).toMatchObject({ state: 'failed' });
    const ended = await until('the old part to end', async () =>
      (await partsOf(site, 'fails-old')).find(({ state }) => state !== 'active'),
    );
    expect(ended.state).toBe('expired');
  });

  it('withdraws what the new match does not want, and shows what it keeps as handed over', async () => {
    const suspend = true;
    await applySet('less', subscription('less-old', 'less.seen', 'good'));
    for (const [id, serial] of [
      ['less-a', '1'],
      ['less-b', '2'],
    ] as const) {
      await emitHost(id, serial);
      await activePart(site, 'less-old', id);
    }
    const match = { payload: { serial: '1' } };
    const narrower = renamed(subscription('less-new', 'less.seen', 'good', { match, suspend }), 'less-old');
    await applySet('less', narrower);
    await until('the other to go', async () => (await activeParts(site, 'less-old')).length === 1);
    expect(await hosts()).toEqual(expect.arrayContaining(['less-a']));
    expect(await hosts()).not.toContain('less-b');
    const [kept] = await activeParts(site, 'less-old');
    const { stdout } = await site.cli('dynamic', 'describe', kept!.source);
    expect(stdout).toMatch(/Handed Over To: +EventSubscription\/less-new/);

    // dropping the line withdraws what still stands
    await applySet('less', subscription('less-new', 'less.seen', 'good', { match, suspend }));
    await until('the rest to go', async () => (await activeParts(site, 'less-old')).length === 0);
  });

  it('E16 what was handed over and is retracted says when it goes', async () => {
    await applySet('shown', subscription('shown-old', 'shown.seen', 'good'));
    await emitHost('shown-a', '1');
    await activePart(site, 'shown-old', 'shown-a');
    const retract = { types: ['shown.gone'], grace: '1h' };
    const heir = subscription('shown-new', 'shown.seen', 'good', { retract, suspend: true });
    await applySet('shown', renamed(heir, 'shown-old'));
    await emit(site, { id: 'shown-b', type: 'shown.gone', subject: 'shown-a' });
    const part = await until('the withdrawal', async () =>
      (await activeParts(site, 'shown-old')).find(({ withdrawAt }) => withdrawAt !== undefined),
    );
    expect(part).toMatchObject({
      withdrawReason: 'fact shown-b (shown.gone) retracted it',
      handedOverTo: 'EventSubscription/shown-new',
    });
  });

  it.each(['matcher', 'renderer'])('is handed over although %s dies in between', async (service) => {
    const at = `${service}x`;
    await applySet(at, subscription(`${at}-old`, `${at}.seen`, 'good'));
    await emitHost(`${at}-a`, '1');
    await activePart(site, `${at}-old`, `${at}-a`);
    process.kill(await site.servicePid(service), 'SIGKILL');
    await applySet(at, renamed(subscription(`${at}-new`, `${at}.seen`, 'good'), `${at}-old`));
    await activePart(site, `${at}-new`, `${at}-a`);
    await until('the old part to go', async () => (await activeParts(site, `${at}-old`)).length === 0);
    expect(await removals(`${at}-a`)).toEqual([]);
  });

  it('comes back by a rollback, which hands over what the new name has', async () => {
    const { revision } = await applySet('back', subscription('back-old', 'back.seen', 'good'));
    await emitHost('back-a', '1');
    await activePart(site, 'back-old', 'back-a');
    await applySet('back', renamed(subscription('back-new', 'back.seen', 'good'), 'back-old'));
    await activePart(site, 'back-new', 'back-a');
    const { code, stdout } = await site.cli('rollback', String(revision));
    expect(code).toBe(0);
    expect(stdout).toContain('+ EventSubscription/back-old (renamed from back-new)');
    await activePart(site, 'back-old', 'back-a');
    expect(await removals('back-a')).toEqual([]);
  });

  it('is refused for a name that is still declared, and for other kinds', async () => {
    const taken = renamed(subscription('taken', 'good.seen', 'good'), 'good-new');
    const { status, body } = await site.rest<{ errors: { pointer: string; detail?: string }[] }>(
      'POST',
      '/v1/apply',
      manifest(taken),
    );
    expect([status, JSON.stringify(body.errors)]).toEqual([
      422,
      expect.stringContaining('/metadata/renamedFrom'),
    ]);
  });
});
