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
      { owner: 'Plugin/a', plugin: 'a', revision: 3, everyMs: 30_000, topics: [] },
    ]);
  });

  it('is each plugin and DynamicConfigSource with an event trigger for facts, and no other topic', () => {
    const event = (topic: string): object => ({ type: 'event', topic });
    const topics = ['events.lan.client.>', 'routerd.lease', 'events.lan.client.>', 'events.wan.*'].map(event);
    const own = { resource: resource('Plugin', 'e', { executable: '/e', triggers: topics }), revision: 1 };
    const source = {
      resource: resource('DynamicConfigSource', 'f', { pluginRef: 'e', triggers: topics.slice(3) }),
      revision: 2,
    };
    const plugin = 'e';
    expect(scheduledPlugins([...plugins, own], [source]).slice(1)).toEqual([
      { owner: 'Plugin/e', plugin, revision: 1, topics: ['events.lan.client.>', 'events.wan.*'] },
      { owner: 'DynamicConfigSource/f', plugin, configSource: 'f', revision: 2, topics: ['events.wan.*'] },
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
      {
        owner: 'DynamicConfigSource/s',
        plugin: 'b',
        configSource: 's',
        revision: 5,
        everyMs: 60_000,
        topics: [],
      },
    ]);
  });
});

describe('when it starts it', () => {
  const plugin: ScheduledPlugin = {
    owner: 'Plugin/a',
    plugin: 'a',
    revision: 3,
    everyMs: 60_000,
    topics: [],
  };
  const byClock = [{ plugin, trigger: { type: 'interval' } }];
  const idle = (): boolean => false;
  const busy = (): boolean => true;

  function schedule(...plugins: ScheduledPlugin[]): PluginSchedule {
    const made = new PluginSchedule();
    made.follow(plugins);
    return made;
  }

  it('at once when it has had no run', () => {
    expect(schedule(plugin).due(NOON, idle)).toEqual(byClock);
    expect(schedule(plugin).nextDueMs(idle)).toBe(-Infinity);
  });

  it('so long after the last run as its interval says, a run by hand and one before the start among them', () => {
    const made = schedule(plugin);
    made.planned('Plugin/a', { atMs: NOON, revision: 3 });
    expect(made.due(NOON + 59_999, idle)).toEqual([]);
    expect(made.nextDueMs(idle)).toBe(NOON + 60_000);
    expect(made.due(NOON + 60_000, idle)).toEqual(byClock);
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

describe('when facts start it', () => {
  const LAN = 'events.lan.client.*';
  const WAN = 'events.wan.>';
  const plugin: ScheduledPlugin = { owner: 'Plugin/a', plugin: 'a', revision: 3, topics: [LAN, WAN] };
  const idle = (): boolean => false;
  const busy = (): boolean => true;

  function schedule(...plugins: ScheduledPlugin[]): PluginSchedule {
    const made = new PluginSchedule();
    made.follow(plugins);
    return made;
  }

  function dueFor(made: PluginSchedule, atMs: number): readonly unknown[] {
    return made.due(atMs, idle).map(({ trigger }) => trigger);
  }

  function plan(made: PluginSchedule, topic: string, seq: number, atMs: number): void {
    made.planned('Plugin/a', { atMs, revision: 3, trigger: { topic, seq } });
  }

  it('not before there is a fact, then at once, with the newest', () => {
    const made = schedule(plugin);
    expect([dueFor(made, NOON), made.nextDueMs(idle)]).toEqual([[], undefined]);
    made.came(LAN, 4);
    made.came(LAN, 7);
    made.came(LAN, 5);
    expect(dueFor(made, NOON)).toEqual([{ type: 'event', topic: LAN, seq: 7 }]);
    expect(made.nextDueMs(idle)).toBe(-Infinity);
  });

  it('once for all that came, and once more for what came since', () => {
    const made = schedule(plugin);
    made.came(LAN, 7);
    plan(made, LAN, 7, NOON);
    expect([dueFor(made, NOON + 60_000), made.nextDueMs(idle)]).toEqual([[], undefined]);
    made.came(LAN, 8);
    made.came(LAN, 9);
    expect([made.due(NOON + 60_000, busy), made.nextDueMs(busy)]).toEqual([[], undefined]);
    expect(dueFor(made, NOON + 60_000)).toEqual([{ type: 'event', topic: LAN, seq: 9 }]);
  });

  it('a second after the last run at the earliest, whatever started that', () => {
    const made = schedule(plugin);
    made.planned('Plugin/a', { atMs: NOON, revision: 3, trigger: {} });
    made.came(LAN, 1);
    expect([dueFor(made, NOON + 999), made.nextDueMs(idle)]).toEqual([[], NOON + 1000]);
    expect(dueFor(made, NOON + 1000)).toHaveLength(1);
  });

  it('as the runs of before a stop say, in whatever order they are read', () => {
    const made = schedule(plugin);
    plan(made, LAN, 9, NOON);
    plan(made, LAN, 7, NOON - 5000);
    plan(made, WAN, 3, NOON - 9000);
    made.came(LAN, 9);
    made.came(WAN, 3);
    expect(dueFor(made, NOON + 60_000)).toEqual([]);
    made.came(WAN, 4);
    expect(dueFor(made, NOON + 60_000)).toEqual([{ type: 'event', topic: WAN, seq: 4 }]);
  });

  it('of several topics the one that has waited longest first', () => {
    const made = schedule(plugin);
    made.came(LAN, 1);
    made.came(WAN, 1);
    plan(made, LAN, 1, NOON);
    made.came(LAN, 2);
    expect(dueFor(made, NOON + 1000)).toEqual([{ type: 'event', topic: WAN, seq: 1 }]);
    plan(made, WAN, 1, NOON + 1000);
    made.came(WAN, 2);
    expect(dueFor(made, NOON + 2000)).toEqual([{ type: 'event', topic: LAN, seq: 2 }]);
  });

  it('not again because it was declared anew', () => {
    const made = schedule(plugin);
    made.came(LAN, 1);
    plan(made, LAN, 1, NOON);
    made.follow([{ ...plugin, revision: 4 }]);
    expect(dueFor(made, NOON + 60_000)).toEqual([]);
  });

  it('beside the clock, which counts from that run', () => {
    const made = schedule({ ...plugin, everyMs: 60_000 });
    made.planned('Plugin/a', { atMs: NOON, revision: 3 });
    made.came(LAN, 1);
    expect(made.nextDueMs(idle)).toBe(NOON + 1000);
    expect(dueFor(made, NOON + 60_000)).toEqual([{ type: 'event', topic: LAN, seq: 1 }]);
    plan(made, LAN, 1, NOON + 60_000);
    expect([dueFor(made, NOON + 60_000), made.nextDueMs(idle)]).toEqual([[], NOON + 120_000]);
  });

  it('also of a stream that was made anew, where sequences begin again', () => {
    const made = schedule(plugin);
    plan(made, LAN, 900, NOON);
    made.came(LAN, 900);
    made.endsAt(LAN, 2);
    made.came(LAN, 2);
    expect(dueFor(made, NOON + 60_000)).toEqual([{ type: 'event', topic: LAN, seq: 2 }]);
  });
});
