import { describe, expect, it } from '@jest/globals';
import { PLUGIN_API, type Resource } from '@signalbox/contracts';
import { PluginSchedule, type ScheduledPlugin, scheduledPlugins } from './plugin-schedule.js';

const NOON = Date.parse('2026-05-30T12:00:00Z');

function resource(kind: string, name: string, spec: object): Resource {
  return { apiVersion: PLUGIN_API, kind, metadata: { name }, spec: spec as Resource['spec'] };
}

function every(...intervals: string[]): object {
  return { triggers: intervals.map((text) => ({ type: 'interval', every: text })) };
}

describe('what the clock starts', () => {
  const plugins = [
    { resource: resource('Plugin', 'a', { executable: '/a', ...every('1h', '30s') }), revision: 3 },
    { resource: resource('Plugin', 'b', { executable: '/b' }), revision: 5 },
    { resource: resource('Plugin', 'd', { ...every('30s'), suspend: true }), revision: 2 },
    { resource: resource('Plugin', 'c', { triggers: [{ type: 'event', topic: 'x' }] }), revision: 6 },
  ];

  it('is each plugin with an interval, of several the shortest', () => {
    expect(scheduledPlugins(plugins, [])).toEqual([
      { owner: 'Plugin/a', plugin: 'a', revision: 3, everyMs: 30_000 },
    ]);
  });

  it('is each DynamicConfigSource with an interval whose plugin is declared, at the newer of both revisions', () => {
    const sources = [
      { resource: resource('DynamicConfigSource', 's', { pluginRef: 'b', ...every('1m') }), revision: 4 },
      { resource: resource('DynamicConfigSource', 't', { pluginRef: 'gone', ...every('1m') }), revision: 7 },
      { resource: resource('DynamicConfigSource', 'v', { pluginRef: 'd', ...every('1m') }), revision: 9 },
      { resource: resource('DynamicConfigSource', 'u', { pluginRef: 'b' }), revision: 8 },
    ];
    expect(scheduledPlugins(plugins, sources).slice(1)).toEqual([
      { owner: 'DynamicConfigSource/s', plugin: 'b', configSource: 's', revision: 5, everyMs: 60_000 },
    ]);
  });
});

describe('when it starts it', () => {
  const plugin: ScheduledPlugin = { owner: 'Plugin/a', plugin: 'a', revision: 3, everyMs: 60_000 };
  const idle = (): boolean => false;
  const busy = (): boolean => true;

  function schedule(...plugins: ScheduledPlugin[]): PluginSchedule {
    const made = new PluginSchedule();
    made.follow(plugins);
    return made;
  }

  it('at once when it has had no run', () => {
    expect(schedule(plugin).due(NOON, idle)).toEqual([plugin]);
    expect(schedule(plugin).nextDueMs(idle)).toBe(-Infinity);
  });

  it('so long after the last run as its interval says, a run by hand and one before the start among them', () => {
    const made = schedule(plugin);
    made.planned('Plugin/a', { atMs: NOON, revision: 3 });
    expect(made.due(NOON + 59_999, idle)).toEqual([]);
    expect(made.nextDueMs(idle)).toBe(NOON + 60_000);
    expect(made.due(NOON + 60_000, idle)).toEqual([plugin]);
    made.planned('Plugin/a', { atMs: NOON - 1, revision: 3 });
    expect(made.nextDueMs(idle)).toBe(NOON + 60_000);
  });

  it('at once when it was declared anew since', () => {
    const made = schedule({ ...plugin, revision: 4 });
    made.planned('Plugin/a', { atMs: NOON, revision: 3 });
    expect(made.due(NOON, idle)).toHaveLength(1);
    made.planned('Plugin/a', { atMs: NOON, revision: 4 });
    expect(made.due(NOON, idle)).toEqual([]);
  });

  it('never while a run of it is in work, and does not make up for what was missed', () => {
    const made = schedule(plugin);
    made.planned('Plugin/a', { atMs: NOON, revision: 3 });
    expect(made.due(NOON + 600_000, busy)).toEqual([]);
    expect(made.nextDueMs(busy)).toBeUndefined();
    expect(made.due(NOON + 600_000, idle)).toHaveLength(1);
    made.planned('Plugin/a', { atMs: NOON + 600_000, revision: 3 });
    expect(made.due(NOON + 600_000, idle)).toEqual([]);
    expect(made.nextDueMs(idle)).toBe(NOON + 660_000);
  });

  it('not any more once it is not declared', () => {
    const made = schedule(plugin);
    made.follow([]);
    expect([made.due(NOON, idle), made.nextDueMs(idle)]).toEqual([[], undefined]);
  });
});
