import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Resource } from '@signalbox/contracts';
import { Site } from '@signalbox/testing';
import type { ApplyAnswer, RevisedItem, RevisionItem } from '../../apps/cli/src/rest/answers.js';
import { manifest, resource } from './manifests.js';

jest.setTimeout(300_000);

const note = (name: string, text: string): Resource => resource('example.net/v1', 'Note', name, { text });

function bundle(...resources: Resource[]): string {
  return JSON.stringify({
    apiVersion: 'routerd.net/v1alpha1',
    kind: 'Router',
    metadata: { name: 'edge' },
    spec: { resources },
  });
}

describe('what people changed, and back', () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start();
  });

  afterAll(() => site?.stop());

  async function notes(): Promise<readonly [string, unknown, string | undefined][]> {
    const items = await site.all<{ resource: Resource; set?: string | null }>('/v1/resources?kind=Note');
    return items.map(({ resource: { metadata, spec }, set }) => [
      metadata.name,
      spec['text'],
      set ?? undefined,
    ]);
  }

  async function changesOf(revision: number): Promise<string[]> {
    const changes = await site.json<RevisedItem[]>('history', String(revision));
    return changes.map(({ action, name }) => `${action} ${name}`);
  }

  it('history lists changesets, newest first, with who, why and what', async () => {
    await site.apply(manifest(note('kept', 'one'), note('gone', 'soon')));
    await site.apply(manifest(note('kept', 'two'), note('new', 'one')));
    await site.cli('delete', 'Note', 'gone');
    const items = await site.json<RevisionItem[]>('history', '--limit', '3');
    expect(items[0]).toMatchObject({ message: 'delete Note/gone', author: expect.any(String) });
    expect(await Promise.all(items.map(({ revision }) => changesOf(revision)))).toEqual([
      ['removed gone'],
      ['changed kept', 'added new'],
      ['added gone', 'added kept'],
    ]);
    const { stdout, stderr } = await site.cli('history', '--limit', '1');
    expect(stdout).toMatch(/^REVISION +AT +AUTHOR +MESSAGE\n\d+ .* delete Note\/gone\n$/);
    expect(stderr).toContain('--after');
    const first = await site.cli('history', String(items[1]?.revision), '--limit', '1');
    expect(first.stdout).toMatch(/^ACTION +KIND +PROJECT +NAME\nchanged +Note +default +kept\n$/);
    const after = /--after (\S+)/.exec(first.stderr)?.[1] ?? '';
    const rest = await site.cli('history', String(items[1]?.revision), '--after', after);
    expect(rest.stdout).toMatch(/^ACTION .*\nadded +Note +default +new\n$/);
  });

  it('rollback shows its plan, brings everything back by a new changeset, and can itself be taken back', async () => {
    await site.apply(bundle(note('member', 'of the set')));
    const [{ revision: then } = { revision: 0 }] = await site.json<RevisionItem[]>('history', '--limit', '1');
    const stood = await notes();
    await site.apply(bundle(note('other', 'of the set')));
    await site.apply(manifest(note('member', 'of nobody'), note('kept', 'three')));
    const now = await notes();
    expect(now).not.toEqual(stood);

    const dry = await site.cli('rollback', String(then), '--dry-run');
    expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining('- Note/other')]);
    expect(await notes()).toEqual(now);

    const answer = await site.json<ApplyAnswer>('rollback', String(then), '-m', 'it was better');
    expect(
      answer.plan
        .filter(({ action }) => action !== 'unchanged')
        .map(({ action, name }) => `${action} ${name}`),
    ).toEqual(['changed kept', 'changed member', 'removed other']);
    expect(await notes()).toEqual(stood);
    const [newest, before] = await site.json<RevisionItem[]>('history', '--limit', '2');
    expect(newest).toMatchObject({ revision: answer.revision, message: 'it was better' });
    expect(await changesOf(answer.revision)).toEqual(['changed kept', 'changed member', 'removed other']);

    const again = await site.cli('rollback', String(then));
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('unchanged')]);
    await site.cli('rollback', String(before?.revision));
    expect(await notes()).toEqual(now);
  });

  it('a revision that there is not is refused, and nothing has changed', async () => {
    const stood = await notes();
    expect(await site.cli('rollback', '999999')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(
        /there is no revision 999999: the newest is \d+[^]*next: signalbox history/,
      ),
    });
    expect((await site.cli('history', '999999')).code).toBe(4);
    expect((await site.cli('rollback', 'yesterday')).code).toBe(2);
    expect((await site.rest('GET', '/v1/revisions/yesterday')).status).toBe(404);
    expect((await site.rest('POST', '/v1/rollback')).status).toBe(422);
    expect((await site.rest('POST', '/v1/rollback?to=0')).status).toBe(422);
    expect(await notes()).toEqual(stood);
  });
});
