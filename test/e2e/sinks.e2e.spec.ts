import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type Alarm,
  type Changeset,
  type ConfigSinkSpec,
  type FileSinkSpec,
  formatTime,
  type Resource,
  SINK_API,
  type SinkCommandAnswer,
  type SinkRecord,
  type SinkRendering,
  SUBJECTS,
} from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import { manifest, plugin, resource, subscription } from './manifests.js';
import { emit } from './site-activity.js';
import { seenHost } from './test-plugins.js';

jest.setTimeout(300_000);

const THING_API = 'example.net/v1';
const TEMPLATE = `# {{ site.name }}
{% for host in byKind.SeenHost -%}
{{ host.metadata.name }} {{ host.spec.serial }}
{% endfor -%}
`;

describe('sinks of a site', () => {
  let site: Site;
  let dir: string;

  beforeAll(async () => {
    site = await Site.start();
    dir = join(site.stateDir, 'sinks');
    mkdirSync(join(site.stateDir, 'sink-commands'), { mode: 0o755 });
  }, 300_000);

  afterAll(() => site?.stop(), 300_000);

  async function ask<T>(subject: string, body: object): Promise<T> {
    const nats = await site.rawNats();
    try {
      return JSON.parse(await nats.request(subject, JSON.stringify(body))) as T;
    } finally {
      nats.close();
    }
  }

  const order = (command: 'pause' | 'resume', sink: string) =>
    ask<SinkCommandAnswer>(SUBJECTS.command('sinks', command), { sink, author: 'ana', reason: 'a test' });

  async function alarmOf(sink: string): Promise<Alarm | undefined> {
    const { alarms } = await ask<{ alarms: Alarm[] }>(SUBJECTS.ask('sinks', 'alarms'), {});
    return alarms.find(({ name }) => name === sink);
  }

  const render = (sink: string) => ask<SinkRendering>(SUBJECTS.ask('sinks', 'render'), { sink });

  /** A sink that writes as soon as something changes. */
  function sink(
    name: string,
    file: Partial<FileSinkSpec> = {},
    more: Partial<ConfigSinkSpec> = {},
  ): Resource {
    const spec = {
      minWait: '0s',
      maxWait: '0s',
      file: { path: join(dir, `${name}.conf`), ...file },
      ...more,
    };
    return resource(SINK_API, 'ConfigSink', name, spec);
  }

  function thing(name: string, kind: string, spec: object = {}): Resource {
    return resource(THING_API, kind, name, spec);
  }

  function program(name: string, script: string): string {
    const path = join(site.stateDir, 'sink-commands', name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  const read = (name: string): string => readFileSync(join(dir, `${name}.conf`), 'utf8');
  const untilReads = (name: string, text: string) =>
    until(`${name} to read ${JSON.stringify(text)}`, () => read(name) === text);

  it('S15 writes what facts lead to, by a template, and what follows from their end', async () => {
    const executable = await site.addPlugin('seen', seenHost());
    await site.apply(
      manifest(
        plugin('seen', executable),
        subscription('seen', 'host.seen', 'seen'),
        sink('hosts', {}, { template: TEMPLATE, select: { kinds: ['SeenHost'] } }),
      ),
    );
    for (const name of ['b', 'a'])
      await emit(site, {
        id: `seen-${name}`,
        type: 'host.seen',
        subject: name,
        payload: { serial: `s-${name}` },
      });
    await untilReads('hosts', '# test-node\na s-a\nb s-b\n');
    await emit(site, { id: 'seen-a-2', type: 'host.seen', subject: 'a', payload: { serial: 'other' } });
    await untilReads('hosts', '# test-node\na other\nb s-b\n');
    // the file is there a moment before that is known
    const rendering = await until('it to be applied', async () => {
      const now = await render('hosts');
      return now.isApplied && now;
    });
    expect(rendering).toMatchObject({ sink: 'hosts', resources: 2, text: '# test-node\na other\nb s-b\n' });
    expect(await site.metrics()).toMatch(/^signalbox_sink_applies_total\{.*sink="hosts".*\} [2-9]/m);
  });

  it('S15 puts the file back when the program does not take it, says so, and heals with the next content', async () => {
    const verify = program(
      'verify-rules',
      `grep -q bad "${dir}/rules.conf" && { echo "line 1 is bad"; exit 1; }; exit 0`,
    );
    const spec = { template: '{{ byKind.Rule[0].spec.text }}\n', select: { kinds: ['Rule'] } };
    await site.apply(
      manifest(thing('one', 'Rule', { text: 'good' }), sink('rules', { verify: { argv: [verify] } }, spec)),
    );
    await untilReads('rules', 'good\n');
    await site.apply(manifest(thing('one', 'Rule', { text: 'bad' })));
    const alarm = await until('the alarm', () => alarmOf('rules'));
    expect(alarm).toMatchObject({ kind: 'sink-degraded', reason: 'sink-command' });
    expect(alarm.text).toMatch(/verify failed: .*exited with 1 \(line 1 is bad\)$/);
    expect(read('rules')).toBe('good\n');
    const { body } = await site.rest<{ items: Alarm[] }>('GET', '/v1/alarms');
    expect(body.items).toContainEqual(expect.objectContaining({ kind: 'sink-degraded', name: 'rules' }));
    await site.apply(manifest(thing('one', 'Rule', { text: 'better' })));
    await untilReads('rules', 'better\n');
    await until('the alarm to end', async () => !(await alarmOf('rules')));
  });

  it('holds what takes away too much until an operator lets it through', async () => {
    const hosts = ['a', 'b', 'c', 'd'].map((name) => thing(name, 'Held'));
    const spec = { template: '{{ resources.size }}\n', select: { kinds: ['Held'] }, maxRemovedPercent: 50 };
    await site.apply(manifest(sink('held', {}, spec), ...hosts));
    await untilReads('held', '4\n');
    const bundle = { apiVersion: 'routerd.net/v1alpha1', kind: 'Router', metadata: { name: 'few' } };
    for (const resources of [hosts, hosts.slice(0, 1)])
      expect(
        (await site.rest('POST', '/v1/apply', JSON.stringify({ ...bundle, spec: { resources } }))).status,
      ).toBeLessThan(300);
    const alarm = await until('the alarm', () => alarmOf('held'));
    expect(alarm).toMatchObject({
      kind: 'sink-held',
      text: expect.stringContaining('3 of 4 resources (75 %)'),
    });
    expect(read('held')).toBe('4\n');
    expect(await render('held')).toMatchObject({ isApplied: false, held: expect.stringContaining('75 %') });
    const { record } = await order('resume', 'held');
    expect(record).toMatchObject({ state: 'applied', content: { resources: 1 } });
    expect(read('held')).toBe('1\n');
  });

  it('writes nothing while paused, and the newest once it is resumed', async () => {
    const spec = { template: '{{ byKind.Paused[0].spec.text }}\n', select: { kinds: ['Paused'] } };
    await site.apply(manifest(thing('one', 'Paused', { text: '1' }), sink('paused', {}, spec)));
    await untilReads('paused', '1\n');
    expect((await order('pause', 'paused')).record).toMatchObject({
      state: 'paused',
      reason: 'paused by ana: a test',
    });
    for (const text of ['2', '3']) await site.apply(manifest(thing('one', 'Paused', { text })));
    await until('the newest to be seen', async () => (await render('paused')).text === '3\n');
    expect(await render('paused')).toMatchObject({ isApplied: false, held: 'paused by ana: a test' });
    expect(read('paused')).toBe('1\n');
    expect((await order('resume', 'paused')).record).toMatchObject({ state: 'applied' });
    expect(read('paused')).toBe('3\n');
  });

  it('tells of a file that somebody changed and leaves it, or overwrites it, as the sink says', async () => {
    const spec = { template: 'ours {{ resources.size }}\n', select: { kinds: ['Drift'] } };
    await site.apply(
      manifest(
        thing('one', 'Drift'),
        sink('drift', {}, spec),
        sink('mine', {}, { ...spec, onDrift: 'overwrite' }),
      ),
    );
    await untilReads('drift', 'ours 1\n');
    await untilReads('mine', 'ours 1\n');
    for (const name of ['drift', 'mine']) writeFileSync(join(dir, `${name}.conf`), 'by hand\n');
    const alarm = await until('the alarm', () => alarmOf('drift'));
    expect(alarm).toMatchObject({ kind: 'sink-drifted', text: expect.stringContaining('8 bytes of sha256') });
    await untilReads('mine', 'ours 1\n');
    await site.apply(manifest(thing('two', 'Drift')));
    await untilReads('mine', 'ours 2\n');
    expect([read('drift'), (await alarmOf('drift'))?.kind]).toEqual(['by hand\n', 'sink-drifted']);
    expect((await order('resume', 'drift')).record).toMatchObject({ state: 'applied' });
    expect(read('drift')).toBe('ours 2\n');
  });

  it('names a template that gives nothing, and a sink that there is not', async () => {
    await site.apply(
      manifest(
        thing('one', 'Odd'),
        sink('odd', {}, { template: 'a\n{{ resources | shout }}', select: { kinds: ['Odd'] } }),
      ),
    );
    const template = await until('the alarm', () => alarmOf('odd'));
    expect(template).toMatchObject({
      reason: 'sink-template',
      text: expect.stringContaining('undefined filter: shout, line:2'),
    });
    expect(existsSync(join(dir, 'odd.conf'))).toBe(false);
    expect(await ask(SUBJECTS.ask('sinks', 'render'), { sink: 'none' })).toMatchObject({
      error: { code: 'not-found' },
    });
  });

  it('refuses a second sink of one place by both names; of two that are there since before the first by name writes', async () => {
    const rival = sink('rival', { path: join(dir, 'hosts.conf') });
    const refused = await site.rest<{ code: string; errors: object[] }>('POST', '/v1/apply', manifest(rival));
    expect(refused).toMatchObject({ status: 422, body: { code: 'validation-failed' } });
    expect(refused.body.errors).toEqual([
      {
        pointer: expect.stringMatching(/\/spec\/file\/path$/),
        message: `ConfigSink/rival: ConfigSink/hosts writes ${join(dir, 'hosts.conf')} already: give one of them another place`,
      },
    ]);
    // as an earlier version took it
    const changeset: Changeset = {
      ...{ author: 'ana', message: 'before', at: formatTime(Date.now()) },
      changes: [{ op: 'put', resource: rival }],
    };
    await ask(SUBJECTS.resources, changeset);
    const alarm = await until('the alarm', () => alarmOf('rival'));
    expect(alarm).toMatchObject({
      reason: 'sink-place',
      text: expect.stringContaining('is written by the sink hosts'),
    });
    const { body } = await site.rest<{ status: { conditions: { type: string; reason: string }[] } }>(
      'GET',
      '/v1/resources/ConfigSink/rival',
    );
    expect(body.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Degraded', reason: 'sink-place' }),
    );
    await emit(site, { id: 'seen-c', type: 'host.seen', subject: 'c', payload: { serial: 's-c' } });
    await untilReads('hosts', '# test-node\na other\nb s-b\nc s-c\n');
    // others are applied as ever, and the second one works as soon as the first is gone
    await site.apply(manifest(thing('two', 'Odd')));
    expect((await site.rest('DELETE', '/v1/resources/ConfigSink/hosts')).status).toBeLessThan(300);
    await until('the second to write', async () => (await render('rival')).isApplied === true);
  });

  it('goes on after a kill -9 as if nothing had happened, and writes what changed meanwhile', async () => {
    const reloads = join(site.stateDir, 'reloads');
    const reload = program('count-reloads', `echo reload >>"${reloads}"`);
    const spec = { template: '{{ byKind.Killed[0].spec.text }}\n', select: { kinds: ['Killed'] } };
    await site.apply(
      manifest(thing('one', 'Killed', { text: '1' }), sink('killed', { reload: { argv: [reload] } }, spec)),
    );
    await untilReads('killed', '1\n');
    await until('the record', async () => (await render('killed')).isApplied);
    await site.kill();
    await site.up();
    await until('the sinks to be known', async () => (await render('killed')).isApplied);
    expect((await order('pause', 'killed')).record).toMatchObject({
      content: { place: join(dir, 'killed.conf') },
    });
    await site.kill();
    await site.up();
    await site.apply(manifest(thing('one', 'Killed', { text: '2' })));
    await until('the change to be seen', async () => (await render('killed')).text === '2\n');
    expect([read('killed'), readFileSync(reloads, 'utf8')]).toEqual(['1\n', 'reload\n']);
    expect((await order('resume', 'killed')).record).toMatchObject({ state: 'applied' });
    expect([read('killed'), readFileSync(reloads, 'utf8')]).toEqual(['2\n', 'reload\nreload\n']);
  });

  it('leaves the file of a sink that is deleted, and says that the sink is gone', async () => {
    const { status } = await site.rest('DELETE', '/v1/resources/ConfigSink/paused');
    expect(status).toBeLessThan(300);
    await until('the sink to be gone', async () => 'error' in (await render('paused')));
    expect(read('paused')).toBe('3\n');
    const nats = await site.rawNats();
    try {
      const subject = `$JS.API.STREAM.MSG.GET.ACTIVITY`;
      const reply = await nats.request(
        subject,
        JSON.stringify({ last_by_subj: SUBJECTS.sinkActivity('paused') }),
      );
      const { message } = JSON.parse(reply) as { message: { data: string } };
      const record = JSON.parse(Buffer.from(message.data, 'base64').toString()) as SinkRecord;
      expect(record).toMatchObject({ state: 'removed', content: { place: join(dir, 'paused.conf') } });
    } finally {
      nats.close();
    }
  });
});
