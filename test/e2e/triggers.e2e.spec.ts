import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FEDERATION_API, PLUGIN_API, type Resource } from '@signalbox/contracts';
import { Site, until } from '@signalbox/testing';
import type { PartItem, RunItem } from '../../apps/cli/src/rest/answers.js';
import { manifest, plugin, resource, subscription } from './manifests.js';
import { emit as emitFact } from './site-activity.js';

jest.setTimeout(300_000);

/** Tells in one resource what started it and how many events it was given. */
const TELLER = `#!/bin/sh
echo "asked of $NAME" >&2
sed -E 's|.*"trigger":[{]"type":"([^"]*)","topic":"([^"]*)"[}].*"events":\\[(.*)\\],"context".*|\\1 topic:\\2 \\3|' | {
  read -r type topic rest
  case "$rest" in *'"id"'*) events=some ;; *) events=none ;; esac
  printf '{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","status":{"ttl":"%s","resources":[{"apiVersion":"example.net/v1","kind":"Told","metadata":{"name":"%s"},"spec":{"trigger":"%s","events":"%s","topic":"%s"}}]}}' "$TTL" "$NAME" "$type" "$events" "\${topic#topic:}"
}
`;

/** Waits for the file $GATE, then proposes nothing. */
const GATED = `#!/bin/sh
cat >/dev/null
until [ -e "$GATE" ]; do sleep 0.05; done
printf '{"apiVersion":"plugin.routerd.net/v1alpha1","kind":"PluginResult","status":{"ttl":"1h"}}'
`;

/** What `subscription test` answers. */
interface TrialAnswer {
  readonly facts: readonly object[];
  readonly runs: readonly object[];
}

describe('runs that no subscription starts', () => {
  let site: Site;
  let executable: string;

  beforeAll(async () => {
    site = await Site.start();
    executable = await site.addPlugin('teller', TELLER);
  });

  afterAll(() => site?.stop());

  function teller(name: string, change: object = {}): ReturnType<typeof plugin> {
    return plugin(name, executable, { env: { NAME: name, TTL: '1h' }, ...change });
  }

  function partsOf(owner: string): Promise<PartItem[]> {
    return site.all<PartItem>(`/v1/parts?owner=${owner}&full=true`);
  }

  async function runsOf(source: string): Promise<RunItem[]> {
    const runs = await site.all<RunItem>('/v1/runs');
    return runs.filter((run) => run.source === source);
  }

  async function active(owner: string): Promise<PartItem | undefined> {
    return (await partsOf(owner)).find(({ state }) => state === 'active');
  }

  it('an interval starts a plugin again and again, each part takes the place of the one before, over a kill too', async () => {
    const every = { triggers: [{ type: 'interval', every: '1s' }] } as const;
    await site.apply(manifest(teller('often', every)));
    const third = await until('a third part', async () => {
      const part = await active('Plugin/often');
      return part && part.generation >= 3 && part;
    });
    expect(third).toMatchObject({ source: 'Plugin/often', plugin: 'often', resources: 1 });
    expect(third.subscription).toBeUndefined();

    await site.kill();
    const killedAt = new Date().toISOString();
    await site.up();
    await until('a part of after the kill', async () => {
      const part = await active('Plugin/often');
      return part && part.generation > third.generation && part.observedAt > killedAt;
    });
    const parts = await partsOf('Plugin/often');
    expect(parts.filter(({ state }) => state === 'active')).toHaveLength(1);
    expect(new Set(parts.map(({ runId }) => runId)).size).toBe(parts.length);
    const runs = await runsOf('Plugin/often');
    expect(runs.every(({ trigger, facts }) => trigger?.type === 'interval' && facts.length === 0)).toBe(true);
    const [effective] = await told('often');
    expect(effective?.spec).toEqual({ trigger: 'interval', events: 'none', topic: '' });

    await site.cli('delete', 'Plugin', 'often');
    await until('the part to end with its plugin', async () => (await active('Plugin/often')) === undefined);
    expect(await told('often')).toEqual([]);
  });

  it('a DynamicConfigSource binds a plugin, bounds how long its part lives, and takes it along', async () => {
    const source = resource(PLUGIN_API, 'DynamicConfigSource', 'bound', {
      pluginRef: 'bound',
      ttl: '10m',
      triggers: [{ type: 'interval', every: '1h' }],
    });
    await site.apply(manifest(teller('bound'), source));
    const part = await until('its part', () => active('DynamicConfigSource/bound'));
    const livesMs = Date.parse(part.expiresAt ?? '') - Date.parse(part.observedAt);
    expect([part.source, livesMs]).toEqual(['DynamicConfigSource/bound', 600_000]);
    expect((await told('bound'))[0]?.spec).toMatchObject({ topic: 'signalbox.dynamicConfigSource/bound' });
    expect(await runsOf('DynamicConfigSource/bound')).toMatchObject([
      { state: 'succeeded', trigger: { type: 'interval', configSource: 'bound' } },
    ]);

    await site.apply(manifest(teller('bound', { env: { NAME: 'bound', TTL: '2h' } })));
    await until(
      'a run of the changed plugin',
      async () => (await runsOf('DynamicConfigSource/bound')).length === 2,
    );

    await site.cli('delete', 'DynamicConfigSource', 'bound');
    await until('the part to end', async () => (await active('DynamicConfigSource/bound')) === undefined);
  });

  it.each(['Plugin', 'DynamicConfigSource'])(
    'what a renamed %s has stays until the first run of the new name, which takes its place',
    async (kind) => {
      const at = `renamed-${kind.toLowerCase()}`;
      const hourly = { triggers: [{ type: 'interval', every: '1h' }] };
      const owner = (name: string): Resource =>
        kind === 'Plugin'
          ? teller(name, { env: { NAME: at, TTL: '1h' }, ...hourly })
          : resource(PLUGIN_API, kind, name, { pluginRef: at, ttl: '30m', ...hourly });
      const applySet = async (...resources: Resource[]): Promise<void> => {
        const { status } = await site.rest('POST', `/v1/apply?set=${at}`, manifest(...resources));
        expect([200, 202]).toContain(status);
      };
      if (kind !== 'Plugin') await site.apply(manifest(teller(at)));
      await applySet(owner(`${at}-old`));
      await until('its part', () => active(`${kind}/${at}-old`));

      const heir = owner(`${at}-new`);
      await applySet({ ...heir, metadata: { ...heir.metadata, renamedFrom: `${at}-old` } });
      await until('the part of the new name', () => active(`${kind}/${at}-new`));
      expect((await partsOf(`${kind}/${at}-old`)).map(({ state }) => state)).toEqual(['superseded']);
      const { body } = await site.rest<{ items: { action: string }[] }>(
        'GET',
        `/v1/effective-config/resources/Told/${at}/versions`,
      );
      expect(body.items.map(({ action }) => action)).not.toContain('removed');
    },
  );

  it('a run is planned once, however often something else changes meanwhile', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `once-${index}`);
    const every = { triggers: [{ type: 'interval', every: '1h' }] } as const;
    await Promise.all([
      site.apply(manifest(...names.map((name) => teller(name, every)))),
      ...names.map((name) => site.apply(manifest(resource('example.net/v1', 'Note', name, {})))),
    ]);
    for (const name of names) await until(`the part of ${name}`, () => active(`Plugin/${name}`));
    const runs = await site.all<RunItem>('/v1/runs');
    const sources = runs.map(({ source }) => source).filter((source) => source.startsWith('Plugin/once-'));
    expect(sources.sort()).toEqual(names.map((name) => `Plugin/${name}`).sort());
  });

  it('facts of a topic start a plugin, with the newest of them; of another topic they start nothing', async () => {
    const triggers = [{ type: 'event', topic: 'events.default.door.*' }] as const;
    await site.apply(manifest(teller('door', { triggers })));
    await emit('window.opened', 'w1');
    await emit('door.opened', 'd1');
    const first = await until('the part', () => active('Plugin/door'));
    expect((await told('door'))[0]?.spec).toEqual({
      trigger: 'event',
      events: 'some',
      topic: 'events.default.door.*',
    });
    await emit('door.closed', 'd2');
    await until(
      'a newer part',
      async () => ((await active('Plugin/door'))?.generation ?? 0) > first.generation,
    );
    const runs = await runsOf('Plugin/door');
    expect(runs.map(({ trigger, state }) => [trigger?.type, state])).toEqual([
      ['event', 'succeeded'],
      ['event', 'succeeded'],
    ]);
    const seqs = runs.map(({ trigger }) => trigger?.seq ?? 0);
    expect(seqs[0]).toBeGreaterThan(seqs[1]!);
    expect(await describeOf('door')).not.toContain('starts nothing');
    await site.cli('delete', 'Plugin', 'door');
  });

  it('what comes while a run is in work leads to one more; a kill between fact and run loses none and doubles none', async () => {
    const gate = join(site.stateDir, 'gate');
    const gated = await site.addPlugin('gated', GATED);
    const triggers = [{ type: 'event', topic: 'events.default.gate.>' }] as const;
    const spec = { env: { GATE: gate }, triggers, timeout: '2m' };
    await site.apply(manifest(plugin('gated', gated, spec)));
    await emit('gate.one', 'g1');
    await until('a run in work', async () => (await runsOf('Plugin/gated'))[0]?.state === 'running');
    for (const id of ['g2', 'g3', 'g4']) await emit('gate.more', id);
    await writeFile(gate, '');
    const [second, first] = await until('two runs', () => endedRuns('Plugin/gated', 2));
    expect(second!.trigger!.seq! - first!.trigger!.seq!).toBe(3);

    await rm(gate);
    await emit('gate.one', 'g5');
    await until('a third run in work', async () => (await runsOf('Plugin/gated'))[0]?.state === 'running');
    await emit('gate.one', 'g6');
    await site.kill();
    await writeFile(gate, '');
    await site.up();
    const runs = await until('a run for what came before the kill', () => endedRuns('Plugin/gated', 4));
    expect(runs.map(({ state, errorCode }) => [state, errorCode])).toEqual([
      ['succeeded', undefined],
      ['failed', 'run-lost'],
      ['succeeded', undefined],
      ['succeeded', undefined],
    ]);

    await site.kill();
    await site.up();
    await emit('gate.one', 'g7');
    const more = await until('a run for a later fact', () => endedRuns('Plugin/gated', 5));
    expect(more).toHaveLength(5);
    expect(new Set(more.map(({ trigger }) => trigger?.seq)).size).toBe(5);
    await site.cli('delete', 'Plugin', 'gated');
  });

  it('a DynamicConfigSource is nudged as well, and a trigger that cannot be says why', async () => {
    const source = resource(PLUGIN_API, 'DynamicConfigSource', 'nudged', {
      pluginRef: 'nudged',
      ttl: '10m',
      triggers: [
        { type: 'event', topic: 'events.default.lamp.on' },
        { type: 'event', topic: 'events.attic.>' },
      ],
    });
    const other = { triggers: [{ type: 'event', topic: 'routerd.lease.changed' }] } as const;
    await site.apply(manifest(teller('nudged', other), source));
    await emit('lamp.on', 'l1');
    await until('its part', () => active('DynamicConfigSource/nudged'));
    expect((await runsOf('DynamicConfigSource/nudged'))[0]).toMatchObject({
      trigger: { type: 'event', configSource: 'nudged', topic: 'events.default.lamp.on' },
    });
    expect(await describeOf('nudged')).toContain('/spec/triggers/0/topic: starts nothing');
    const waiting = await site.cli('describe', 'DynamicConfigSource', 'nudged');
    expect(waiting.stdout).toMatch(/Pending .*EventGroup\/attic, which is not declared/s);

    const group = resource(FEDERATION_API, 'EventGroup', 'attic', { nodeName: 'edge' });
    await site.apply(manifest(group));
    await until(
      'the group to be known',
      async () => !(await site.cli('show', 'alarms')).stdout.includes('attic'),
    );
    const before = await runsOf('DynamicConfigSource/nudged');
    await emit('lamp.on', 'a1', 'attic');
    await until(
      'a run for a fact of the group',
      async () => (await runsOf('DynamicConfigSource/nudged')).length > before.length,
    );
    await site.cli('delete', 'DynamicConfigSource', 'nudged');
  });

  function emit(type: string, id: string, group?: string): Promise<void> {
    return emitFact(site, { id, type, subject: '10.0.0.9' }, group);
  }

  async function describeOf(name: string): Promise<string> {
    return (await site.cli('describe', 'Plugin', name)).stdout;
  }

  /** The runs of an owner, newest first, once so many have ended and none is in work. */
  async function endedRuns(source: string, count: number): Promise<RunItem[] | undefined> {
    const runs = await runsOf(source);
    const isOver = runs.every(({ endedAt }) => endedAt !== undefined);
    return runs.length >= count && isOver ? runs : undefined;
  }

  it('P9 a subscription of the site is tried with facts, and nothing is recorded', async () => {
    const held = resource('example.net/v1', 'Told', 'taken', { by: 'people' });
    await site.apply(
      manifest(
        teller('tried'),
        teller('taken'),
        held,
        subscription('tried', 'test.tried', 'tried', { match: { payload: { zone: 'a' } } }),
        subscription('taken', 'test.tried', 'taken'),
        subscription('lonely', 'test.tried', 'nowhere'),
      ),
    );
    const facts = [
      { id: 'yes', type: 'test.tried', subject: 's', payload: { zone: 'a' } },
      { id: 'no', type: 'test.tried', subject: 't', payload: { zone: 'b' } },
    ];
    const file = join(site.stateDir, 'tried.json');
    await writeFile(file, JSON.stringify(facts));
    const test = (name: string, ...more: string[]): ReturnType<typeof site.cli> =>
      site.cli('subscription', 'test', name, '--event', file, ...more);

    const json = await test('tried', '-o', 'json');
    expect(json.code).toBe(0);
    const { facts: tried, runs } = JSON.parse(json.stdout) as TrialAnswer;
    expect(tried).toMatchObject([
      { id: 'yes', matched: true },
      { id: 'no', matched: false, clause: 'payload', message: expect.stringContaining('"zone" = "a"') },
    ]);
    expect(runs).toMatchObject([
      {
        facts: ['yes'],
        state: 'succeeded',
        resources: [
          {
            metadata: {
              name: 'tried',
              annotations: {
                'routerd.net/dynamic-source': 'EventSubscription/tried',
                'routerd.net/event-group': 'default',
                'routerd.net/event-id': 'yes',
              },
            },
            spec: {
              trigger: 'federation-subscription',
              events: 'some',
              topic: 'routerd.federation.subscription/tried',
            },
          },
        ],
      },
    ]);
    const text = await test('tried', '--dry-run');
    expect(text.stdout).toMatch(/^yes +test\.tried +s +yes/m);
    expect(text.stdout).toMatch(/yes +1 +succeeded .*Told\/tried/);

    const taken = await test('taken');
    expect(taken.code).toBe(1);
    expect(taken.stdout).toMatch(/rejected .*startup-conflict/);
    const lonely = await test('lonely');
    expect([lonely.code, lonely.stderr]).toEqual([
      1,
      expect.stringContaining('nothing runs until Plugin/nowhere is declared'),
    ]);
    expect((await test('none')).code).toBe(4);

    expect((await site.all<RunItem>('/v1/runs')).filter(({ plugin: of }) => of === 'tried')).toEqual([]);
    expect(await partsOf('EventSubscription/tried')).toEqual([]);
    expect(await told('tried')).toEqual([]);
    await site.cli('delete', 'Told', 'taken');
  });

  it('P9 a dry run prints the candidate and records nothing', async () => {
    await site.apply(manifest(teller('hand')));
    const { code, stdout } = await site.cli('plugin', 'run', 'hand', '--dry-run', '-o', 'json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'DynamicConfigPart',
      spec: {
        source: 'Plugin/hand',
        resources: [{ kind: 'Told', spec: { trigger: 'manual', events: 'none' } }],
      },
    });
    expect([await runsOf('Plugin/hand'), await partsOf('Plugin/hand'), await told('hand')]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it('P10 a run by hand is recorded with who asked for it, from its start to its part', async () => {
    const facts = { events: [{ type: 'client.seen', subject: '10.0.0.9' }] };
    const planned = await site.rest<{ runId: string }>('POST', '/v1/plugins/hand/run', facts);
    expect(planned.status).toBe(202);
    const first = await until('the part', () => active('Plugin/hand'));
    expect(first).toMatchObject({ runId: planned.body.runId, generation: 1, plugin: 'hand' });
    expect((await told('hand'))[0]?.spec).toMatchObject({ trigger: 'manual', events: 'some' });

    const again = await site.cli('plugin', 'run', 'hand');
    expect([again.code, again.stdout]).toEqual([0, expect.stringMatching(/Trigger: +manual by /)]);
    expect(await active('Plugin/hand')).toMatchObject({ generation: 2 });
    const [run] = await runsOf('Plugin/hand');
    expect(run).toMatchObject({
      state: 'succeeded',
      trigger: { type: 'manual', author: expect.any(String) },
      executions: [{ outcome: 'proposed', exitCode: 0 }],
    });
  });

  it('a run by hand that fails says why, and what stood before stays', async () => {
    await site.apply(manifest(teller('hand', { env: { NAME: 'hand', TTL: 'never' } })));
    const { code, stdout } = await site.cli('plugin', 'run', 'hand');
    expect([code, stdout]).toEqual([1, expect.stringMatching(/plugin-output-invalid: .*\/status\/ttl/)]);
    const dry = await site.cli('plugin', 'run', 'hand', '--dry-run');
    expect([dry.code, dry.stderr]).toEqual([
      1,
      expect.stringMatching(/^ {2}\| asked of hand\n.*plugin-output-invalid: /s),
    ]);
    expect(await active('Plugin/hand')).toMatchObject({ generation: 2 });
    expect((await site.cli('plugin', 'run', 'nobody')).code).toBe(4);
    const bad = await site.rest('POST', '/v1/plugins/hand/run', { events: [{ type: 'a b' }] });
    expect(bad).toMatchObject({
      status: 400,
      body: { code: 'bad-grammar', detail: expect.stringMatching(/^\/events\/0: .*\/type/) },
    });
  });

  async function told(name: string): Promise<readonly { readonly spec: object }[]> {
    const { spec } = await site.json<{
      spec: { resources: { kind: string; metadata: { name: string }; spec: object }[] };
    }>('dynamic', 'render');
    return spec.resources.filter(({ kind, metadata }) => kind === 'Told' && metadata.name === name);
  }
});
