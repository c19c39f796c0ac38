import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { contentWith, LaneWorld, refusal } from './sink-lane.fixture.js';

let world: LaneWorld;

beforeEach(() => {
  world = new LaneWorld();
});
afterEach(() => {
  void world.lane.stop();
  jest.useRealTimers();
});

/** A sink that has written these things. */
async function written(...names: readonly string[]): Promise<void> {
  world.put(...names);
  await world.declare();
  await world.passes(1000);
  expect([world.written.splice(0), world.standing]).toEqual([[names.join(' ')], 'applied']);
}

describe('a lane that waits for quiescence', () => {
  it('writes what there is minWait after it was declared', async () => {
    world.put('x');
    await world.declare();
    await world.passes(999);
    expect([world.begun, world.standing]).toEqual([[], 'nothing']);
    await world.passes(1);
    expect([world.written, world.standing]).toEqual([['x'], 'applied']);
    expect(world.records).toEqual([
      expect.objectContaining({ version: 1, revision: 1, generation: 1, content: contentWith('x') }),
    ]);
  });

  it('writes minWait after the last change, and once', async () => {
    await written('x');
    world.put('y');
    await world.passes(900);
    world.put('z');
    await world.passes(999);
    expect(world.written).toEqual([]);
    await world.passes(1);
    expect(world.written).toEqual(['x y z']);
    await world.passes(60_000);
    expect(world.begun).toEqual(['x', 'x y z']);
  });

  it('writes maxWait after the first change, however many follow', async () => {
    await written('x');
    for (const name of ['a', 'b', 'c', 'd']) {
      world.put(name);
      await world.passes(900);
    }
    expect(world.written).toEqual(['a b c d x']);
    await world.passes(60_000);
    expect(world.written).toEqual(['a b c d x']);
  });

  it('takes no notice of what it does not select, and writes nothing when the bytes are the same', async () => {
    await written('x');
    world.putOther('y');
    world.put('x');
    await world.passes(60_000);
    expect([world.begun, world.records.length]).toEqual([['x'], 1]);
  });

  it('waits when nothing is selected yet', async () => {
    await world.declare();
    await world.passes(1000);
    expect([world.begun, world.standing]).toEqual([[], 'waiting: nothing is selected yet']);
    world.put('x');
    await world.passes(1000);
    expect([world.written, world.standing]).toEqual([['x'], 'applied']);
  });
});

describe('a lane that is paused', () => {
  it('writes nothing, not even what waited already, and the newest as soon as it is resumed', async () => {
    await written('x');
    world.put('y');
    await world.passes(500);
    await world.order(true);
    expect(world.standing).toBe('paused: paused by ana');
    world.put('z');
    await world.passes(60_000);
    expect(world.begun).toEqual(['x']);
    expect(world.lane.render()).toMatchObject({ text: 'x y z ', isApplied: false, held: 'paused by ana' });
    await world.order(false);
    expect([world.written, world.standing]).toEqual([['x y z'], 'applied']);
    expect(world.states).toEqual(['applied', 'paused', 'applied']);
  });

  it('stays paused when it is declared anew and after a restart, and keeps what it knows of the target', async () => {
    await written('x');
    await world.order(true);
    await world.declare({ minWait: '2s' });
    await world.restart();
    await world.declareAgain({ minWait: '2s' });
    world.put('y');
    world.drift = { what: 'by hand', isGone: false };
    await world.touched();
    await world.passes(60_000);
    expect([world.begun, world.standing]).toEqual([['x'], 'paused: paused by ana']);
    expect(world.records.slice(1)).toEqual(
      [1, 2].map((revision) => expect.objectContaining({ revision, content: contentWithoutTime('x') })),
    );
  });

  it('says that it is paused although it could not work anyway', async () => {
    await world.order(true);
    await world.declare({ template: '{{ one.two' });
    expect(world.standing).toBe('paused: paused by ana');
    await world.order(false);
    expect(world.standing).toBe('degraded: template sink-template');
  });
});

describe('a lane whose target fails', () => {
  it('tries again after 1 s, 2 s, 4 s what may pass, says so each time, and begins anew after a success', async () => {
    await written('x');
    world.fault = refusal(true);
    world.put('y');
    await world.passes(1000);
    expect(world.standing).toBe('degraded: send sink-refused');
    for (const wait of [1000, 2000, 4000]) {
      await world.passes(wait - 1);
      const tries = world.begun.length;
      await world.passes(1);
      expect(world.begun).toHaveLength(tries + 1);
    }
    expect(world.records.slice(1).map(({ failure }) => [failure?.attempts, failure?.retryAt])).toEqual([
      [1, '2026-05-30T12:00:03.000Z'],
      [2, '2026-05-30T12:00:05.000Z'],
      [3, '2026-05-30T12:00:09.000Z'],
      [4, '2026-05-30T12:00:17.000Z'],
    ]);
    expect(world.records.at(-1)?.content).toEqual(contentWithoutTime('x'));
    world.fault = undefined;
    await world.passes(8000);
    expect([world.written, world.standing]).toEqual([['x y'], 'applied']);
    world.fault = refusal(true);
    world.put('z');
    await world.passes(1000);
    expect(world.records.at(-1)?.failure?.attempts).toBe(1);
  });

  it('brings the newest only, once the target takes it', async () => {
    await written('x');
    world.fault = refusal(true);
    for (const name of ['1', '2', '3']) {
      world.put(name);
      await world.passes(1100);
    }
    world.fault = undefined;
    await world.passes(60_000);
    expect(world.written).toEqual(['1 2 3 x']);
  });

  it('does not try again what cannot pass: with the next content, or when an operator wants it', async () => {
    await written('x');
    world.fault = refusal(false);
    world.put('y');
    await world.passes(600_000);
    expect([world.begun, world.standing]).toEqual([['x', 'x y'], 'degraded: send sink-refused']);
    world.put('y');
    await world.passes(600_000);
    expect(world.begun).toHaveLength(2);
    await world.order(false);
    expect([world.begun.length, world.records.length]).toEqual([3, 2]);
    world.fault = undefined;
    world.put('z');
    await world.passes(1000);
    expect([world.written, world.standing]).toEqual([['x y z'], 'applied']);
  });

  it('does not try again by itself what an operator wanted and what failed, while the document is the same', async () => {
    await written('x');
    world.fault = refusal(false);
    world.put('y');
    await world.passes(1000);
    await world.order(false);
    world.put('y');
    await world.passes(600_000);
    expect(world.begun).toEqual(['x', 'x y', 'x y']);
  });

  it('leaves it alone for as long as it asks, then brings the newest; an operator does not wait', async () => {
    await written('x');
    world.fault = refusal(true, 60_000);
    world.put('y');
    await world.passes(1000);
    expect(world.records.at(-1)?.failure?.retryAt).toBe('2026-05-30T12:01:02.000Z');
    world.put('z');
    await world.passes(30_000);
    // back to what the target has, and away from it again
    world.take('y', 'z');
    await world.passes(1000);
    world.put('z');
    await world.passes(28_999);
    expect(world.begun).toEqual(['x', 'x y']);
    await world.passes(1);
    expect(world.begun).toEqual(['x', 'x y', 'x z']);
    world.fault = undefined;
    await world.order(false);
    expect([world.written, world.standing]).toEqual([['x z'], 'applied']);
  });

  it('is well again without writing when the config goes back to what the target has', async () => {
    await written('x');
    world.fault = refusal(true);
    world.put('y');
    await world.passes(1000);
    world.take('y');
    await world.passes(1000);
    expect(world.standing).toBe('applied');
    await world.passes(600_000);
    expect(world.begun).toEqual(['x', 'x y']);
  });

  it('names a template that makes nothing, with the line, and heals with another one', async () => {
    world.put('x');
    await world.declare({ template: '{{ resources | shout }}' });
    await world.passes(1000);
    expect(world.standing).toBe('degraded: template sink-template');
    expect(() => world.lane.render()).toThrow(/undefined filter: shout/);
    await world.passes(600_000);
    expect(world.states).toEqual(['degraded']);
    await world.declare();
    await world.passes(1000);
    expect(world.standing).toBe('applied');
  });

  it('goes on after an error that nobody thought of, and says it', async () => {
    await written('x');
    world.fault = new TypeError('a slip');
    world.put('y');
    await world.passes(1000);
    expect([world.standing, world.logged.length]).toEqual(['degraded: write internal', 1]);
    world.fault = undefined;
    await world.passes(1000);
    expect([world.written, world.standing]).toEqual([['x y'], 'applied']);
  });

  it('goes on although a record could not be stored', async () => {
    await written('x');
    world.unstored = new Error('never');
    world.put('y');
    await world.passes(1000);
    expect([world.written, world.records.length]).toEqual([['x y'], 1]);
    world.unstored = undefined;
    await world.passes(60_000);
    expect([world.written, world.standing]).toEqual([['x y'], 'applied']);
    expect(world.records.at(-1)?.content).toMatchObject({ resources: 2 });
  });
});

describe('a lane with guards', () => {
  const GUARDED = { maxRemovedPercent: 50 };

  async function guarded(...names: readonly string[]): Promise<void> {
    world.put(...names);
    await world.declare(GUARDED);
    await world.passes(1000);
    world.written.length = 0;
  }

  it('holds an empty document, and writes it when an operator lets it through', async () => {
    await written('x');
    world.take('x');
    await world.passes(600_000);
    expect([world.begun, world.standing]).toEqual([
      ['x'],
      'held: nothing is selected any more, and onEmpty is hold',
    ]);
    await world.order(false);
    expect([world.written, world.standing]).toEqual([[''], 'applied']);
  });

  it('holds what takes too much, and goes on by itself when it takes less', async () => {
    await guarded('a', 'b', 'c', 'd');
    world.take('a', 'b', 'c');
    await world.passes(1000);
    expect(world.standing).toMatch(/^held: 3 of 4 resources \(75 %\)/);
    expect(world.lane.render().held).toMatch(/^3 of 4 resources/);
    world.put('a');
    await world.passes(1000);
    expect([world.written, world.standing]).toEqual([['a d'], 'applied']);
  });

  it('lets through one document, not those after it', async () => {
    await guarded('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    world.take('a', 'b', 'c', 'd', 'e');
    await world.passes(1000);
    await world.order(false);
    expect([world.written.splice(0), world.standing]).toEqual([['f g h'], 'applied']);
    world.take('f', 'g');
    await world.passes(1000);
    expect([world.written, world.standing.slice(0, 4)]).toEqual([[], 'held']);
  });

  it('lets it through also when the target takes it only later, and another one not', async () => {
    await guarded('a', 'b', 'c', 'd');
    world.take('a', 'b', 'c');
    await world.passes(1000);
    world.fault = refusal(true);
    await world.order(false);
    expect(world.standing).toBe('degraded: send sink-refused');
    world.fault = undefined;
    await world.passes(1000);
    expect([world.written.splice(0), world.standing]).toEqual([['d'], 'applied']);
    world.put('a', 'b', 'c');
    await world.passes(1000);
    world.take('a', 'b', 'c');
    await world.passes(1000);
    world.fault = refusal(true);
    await world.order(false);
    world.fault = undefined;
    world.take('d');
    world.put('e');
    await world.passes(60_000);
    expect([world.written, world.standing.slice(0, 4)]).toEqual([['a b c d'], 'held']);
  });
});

describe('a lane whose target somebody else changes', () => {
  const CHANGED = { what: 'by hand', isGone: false };
  const GONE = { what: 'gone', isGone: true };

  it('says it and keeps hands off, until an operator says otherwise', async () => {
    await written('x');
    world.drift = CHANGED;
    await world.touched();
    expect(world.standing).toBe('drifted: by hand');
    world.put('y');
    await world.passes(60_000);
    expect([world.begun, world.standing]).toEqual([['x'], 'drifted: by hand']);
    await world.order(false);
    expect([world.written, world.standing]).toEqual([['x y'], 'applied']);
  });

  it('is well again when it is put back by who changed it', async () => {
    await written('x');
    world.drift = CHANGED;
    await world.touched();
    world.drift = undefined;
    await world.touched();
    expect([world.begun, world.states]).toEqual([['x'], ['applied', 'drifted', 'applied']]);
  });

  it('writes over it at once where the sink says so', async () => {
    world.put('x');
    await world.declare({ onDrift: 'overwrite' });
    await world.passes(1000);
    world.drift = CHANGED;
    await world.touched();
    expect([world.written, world.standing]).toEqual([['x', 'x'], 'applied']);
  });

  it('writes what is gone with the next content', async () => {
    await written('x');
    world.drift = GONE;
    await world.touched();
    expect([world.begun, world.standing]).toEqual([['x'], 'drifted: gone']);
    world.put('y');
    await world.passes(1000);
    expect([world.written, world.standing]).toEqual([['x y'], 'applied']);
  });

  it('looks when the changes that are open are due, not before', async () => {
    await written('x');
    world.put('y');
    world.drift = CHANGED;
    await world.touched();
    expect(world.standing).toBe('applied');
    await world.passes(1000);
    expect([world.begun, world.standing]).toEqual([['x'], 'drifted: by hand']);
  });
});

describe('a lane that is busy', () => {
  it('brings the newest of what changes meanwhile, and nothing between', async () => {
    await written('x');
    const free = world.occupy();
    world.put('1');
    await world.passes(1000);
    world.put('2');
    await world.passes(5000);
    world.put('3');
    await world.passes(5000);
    expect(world.begun).toEqual(['x', '1 x']);
    await free();
    await world.passes(1000);
    expect([world.written, world.standing]).toEqual([['1 x', '1 2 3 x'], 'applied']);
  });

  it('ends what is in work, then is paused', async () => {
    await written('x');
    const free = world.occupy();
    world.put('y');
    await world.passes(1000);
    await world.order(true);
    world.put('z');
    await free();
    await world.passes(60_000);
    expect([world.written, world.states]).toEqual([['x y'], ['applied', 'applied', 'paused']]);
    expect(world.records.at(-1)?.content).toMatchObject({ resources: 2 });
  });

  it('ends what is in work, then works as it was declared meanwhile', async () => {
    await written('x');
    const free = world.occupy();
    world.put('y');
    await world.passes(1000);
    // its time comes while the target is busy
    world.put('z');
    await world.passes(1000);
    await world.declare({ file: { path: '/sinks/a', mode: '0600' } });
    await free();
    await world.passes(60_000);
    expect(world.targets.map(({ isStopped }) => isStopped)).toEqual([true, false]);
    // another mode is written although the bytes are the same
    expect([world.written.at(-1), world.targets.map(({ writes }) => writes)]).toEqual(['x y z', [2, 1]]);
    expect(world.records.map(({ state, revision }) => `${state} ${revision}`)).toEqual([
      'applied 1',
      'applied 1',
      'applied 2',
    ]);
  });

  it('only the last of several declarations counts', async () => {
    await written('x');
    const free = world.occupy();
    world.put('y');
    await world.passes(1000);
    await world.declare({ file: { path: '/sinks/b' } });
    await world.declare({ file: { path: '/sinks/c' } });
    await free();
    await world.passes(60_000);
    expect(world.records.map(({ content }) => content?.place)).toEqual(['/sinks/a', '/sinks/a', '/sinks/c']);
  });

  it('ends what is in work, then is removed, and writes nothing more whatever comes', async () => {
    await written('x');
    const free = world.occupy();
    world.put('y');
    await world.passes(1000);
    const removed = world.lane.remove();
    await world.order(false);
    world.put('z');
    await free();
    await removed;
    world.put('w');
    await world.order(false);
    await world.touched();
    await world.passes(60_000);
    expect([world.begun, world.written]).toEqual([['x', 'x y'], ['x y']]);
    expect([world.states, world.targets.map(({ isStopped }) => isStopped)]).toEqual([
      ['applied', 'applied', 'removed'],
      [true],
    ]);
    expect(world.records.at(-1)?.content).toMatchObject({ resources: 2 });
  });
});

describe('a lane after a restart', () => {
  it('writes nothing when the target has what it shall have', async () => {
    await written('x');
    await world.restart();
    await world.declareAgain();
    await world.passes(60_000);
    expect([world.begun, world.records.length]).toEqual([['x'], 1]);
  });

  it('makes a record of what was taken up although the process ended before it could say so', async () => {
    await written('x');
    world.put('y');
    world.occupy();
    await world.passes(1000);
    world.found = contentWith('x', 'y');
    await world.restart();
    world.busy = undefined;
    expect(world.states).toEqual(['applied']);
    await world.declareAgain();
    await world.passes(1000);
    expect([world.begun, world.standing]).toEqual([['x', 'x y'], 'applied']);
    expect(world.records.slice(1)).toEqual([
      expect.objectContaining({ content: contentWithoutTime('x', 'y') }),
    ]);
  });

  it('counts what is gone when it does not know what was there', async () => {
    world.put('a', 'b', 'c', 'd');
    await world.declare({ maxRemovedPercent: 50 });
    await world.passes(1000);
    await world.restart();
    world.take('a', 'b', 'c');
    await world.declareAgain({ maxRemovedPercent: 50 });
    await world.passes(1000);
    expect(world.standing).toMatch(/^held: 3 of 4/);
  });

  it('does not write over what somebody changed meanwhile', async () => {
    await written('x');
    await world.restart();
    world.drift = { what: 'by hand', isGone: false };
    world.put('y');
    await world.declareAgain();
    await world.passes(60_000);
    expect([world.begun, world.standing]).toEqual([['x'], 'drifted: by hand']);
  });

  it('looks again at the target when that failed at first, before it writes anything', async () => {
    await written('x');
    await world.restart();
    world.recovery = Promise.reject(new Error('no such device'));
    world.drift = { what: 'by hand', isGone: false };
    await world.declareAgain();
    expect(world.standing).toBe('degraded: write internal');
    expect(world.records.at(-1)?.content).toEqual(contentWithoutTime('x'));
    world.recovery = undefined;
    await world.passes(60_000);
    expect([world.begun, world.standing]).toEqual([['x'], 'drifted: by hand']);
  });
});

describe('a lane whose place another sink has', () => {
  it('says whose it is, keeps what it knows, and goes on once the place is free', async () => {
    await written('x');
    await world.declare({}, '0');
    expect(world.standing).toBe('degraded: write sink-place');
    expect(world.records.at(-1)?.content).toEqual(contentWithoutTime('x'));
    world.put('y');
    await world.order(false);
    await world.passes(60_000);
    expect(world.begun).toEqual(['x']);
    await world.restart();
    await world.declare({}, '0');
    expect(world.records.at(-1)?.content).toEqual(contentWithoutTime('x'));
    await world.declare();
    await world.passes(1000);
    expect([world.written, world.standing]).toEqual([['x y'], 'applied']);
  });
});

describe('a lane that is removed', () => {
  it('writes and says nothing more, also when it could not work', async () => {
    await written('x');
    await world.declare({}, '0');
    await world.lane.remove();
    await world.order(false);
    await world.passes(600_000);
    expect([world.begun, world.states]).toEqual([['x'], ['applied', 'degraded', 'removed']]);
    expect(world.records.at(-1)?.content).toEqual(contentWithoutTime('x'));
  });

  it('writes nothing when an operator lets it through at that moment', async () => {
    await written('x', 'y');
    world.take('x', 'y');
    await world.passes(1000);
    const removed = world.lane.remove();
    await world.order(false);
    await removed;
    await world.passes(600_000);
    expect([world.begun, world.states]).toEqual([['x y'], ['applied', 'held', 'removed']]);
  });
});

/** What a target has, whenever that was written. */
function contentWithoutTime(...names: readonly string[]): object {
  return { ...contentWith(...names), at: expect.any(String) };
}
