import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Observation } from '../../domain/discovery/endpoint.js';
import { FILE_LIMITS } from './file-limits.js';
import { FileWatch } from './file-watch.js';
import type { FileLook, FileRead } from './source-file.js';

const { settleMs, recheckMs, restlessLooks } = FILE_LIMITS;
const ONE = '[{"address": "192.0.2.1", "port": 80}]';
const TWO = '[{"address": "192.0.2.1", "port": 80}, {"address": "192.0.2.2", "port": 80}]';

/** A file in memory, its watch, and what that said. */
class Given {
  readonly told: Observation[] = [];
  readonly log: string[] = [];
  watched: ReadonlySet<string> = new Set();
  isClosed = false;
  looks = 0;
  reads = 0;
  readonly watch: FileWatch;
  /** Called when the file is read, before its mark is looked at. */
  onRead: (() => void) | undefined;
  /** What is in the way of reading, though the file can be looked at. */
  obstacle: Error | string | undefined;
  private version = 0;
  private changed: () => void = () => undefined;

  constructor(private text: string | undefined) {
    const spec = { pool: 'web', file: { path: 'a/web.json' } };
    this.watch = new FileWatch(
      { name: 'edge', project: 'default', spec },
      { report: (observation) => this.told.push(observation), warn: (line) => this.log.push(line) },
      { look: async () => this.look(), read: async (look) => this.read(look) },
      (changed) => {
        this.changed = changed;
        return {
          watch: (directories) => (this.watched = directories),
          close: () => (this.isClosed = true),
        };
      },
    );
  }

  /** The file gets this text, undefined: it goes. Nobody says so. */
  becomes(text: string | undefined): this {
    this.text = text;
    this.version += 1;
    return this;
  }

  hint(): this {
    this.changed();
    return this;
  }

  async pass(ms: number): Promise<void> {
    await jest.advanceTimersByTimeAsync(ms);
  }

  /** How many backends were told last, or why they are not known. */
  get last(): number | string | undefined {
    const observation = this.told.at(-1);
    return observation?.type === 'content' ? observation.content.endpoints.length : observation?.reason;
  }

  private look(): FileLook {
    this.looks += 1;
    const directories = new Set(['/sources', '/sources/a']);
    if (this.text === undefined) return { mark: 'fault', fault: 'does not exist', directories };
    return { mark: `version ${this.version}`, real: '/sources/a/web.json', directories };
  }

  private read({ mark }: FileLook): FileRead {
    this.reads += 1;
    this.onRead?.();
    if (this.obstacle instanceof Error) throw this.obstacle;
    if (this.obstacle !== undefined) return { fault: this.obstacle };
    const isSame = this.text !== undefined && mark === `version ${this.version}`;
    return isSame ? { bytes: Buffer.from(this.text ?? '') } : undefined;
  }
}

describe('a watch of a file', () => {
  let given: Given;
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(async () => {
    await given.watch.stop();
    expect([jest.getTimerCount(), given.isClosed]).toEqual([0, true]);
    const told = given.told.length;
    given.hint();
    await given.pass(2 * recheckMs);
    expect(given.told.length).toBe(told);
    jest.useRealTimers();
  });

  it('reads it when it was the same for a while, and not again before it changes', async () => {
    given = new Given(ONE);
    await given.pass(settleMs - 1);
    expect(given.told).toEqual([]);
    await given.pass(1);
    expect(given.last).toBe(1);
    await given.pass(5 * recheckMs);
    expect([given.reads, given.told.length]).toEqual([1, 1]);
    expect([...given.watched]).toEqual(['/sources', '/sources/a']);
  });

  it('reads it again when something stirs', async () => {
    given = new Given(ONE);
    await given.pass(settleMs);
    given.becomes(TWO).hint();
    await given.pass(settleMs);
    expect(given.last).toBe(2);
  });

  it('finds out without any sign', async () => {
    given = new Given(ONE);
    await given.pass(settleMs);
    given.becomes(TWO);
    await given.pass(recheckMs - 1);
    expect(given.last).toBe(1);
    await given.pass(1 + settleMs);
    expect(given.last).toBe(2);
  });

  it('does not read what is being written', async () => {
    given = new Given(TWO);
    await given.pass(settleMs);
    for (const end of [0, 1, 20, 40, TWO.length - 1]) {
      given.becomes(TWO.slice(0, end)).hint();
      await given.pass(settleMs - 1);
    }
    given.becomes(ONE).hint();
    expect([given.reads, given.told.length]).toEqual([1, 1]);
    await given.pass(2 * settleMs);
    expect([given.reads, given.last]).toEqual([2, 1]);
  });

  it('does not take what was written while it was read', async () => {
    given = new Given(ONE);
    given.onRead = () => {
      if (given.reads === 1) given.becomes(TWO);
    };
    await given.pass(settleMs);
    expect(given.told).toEqual([]);
    await given.pass(2 * settleMs);
    expect([given.reads, given.last]).toEqual([2, 2]);
  });

  it('holds what was known while the file is away for a moment', async () => {
    given = new Given(ONE);
    await given.pass(settleMs);
    given.becomes(undefined).hint();
    await given.pass(settleMs - 1);
    given.becomes(TWO).hint();
    await given.pass(2 * settleMs);
    expect(given.told.map(({ type }) => type)).toEqual(['content', 'content']);
  });

  it('says that a file is away, and what it has when it is back', async () => {
    given = new Given(ONE);
    await given.pass(settleMs);
    given.becomes(undefined).hint();
    await given.pass(settleMs);
    expect(given.last).toBe('a/web.json does not exist');
    given.becomes(ONE).hint();
    await given.pass(settleMs);
    expect(given.last).toBe(1);
  });

  it('says what is wrong with a file, and nothing more until it changes', async () => {
    given = new Given('[');
    await given.pass(settleMs + 3 * recheckMs);
    expect(given.told).toEqual([
      { type: 'unavailable', reason: expect.stringMatching(/^a\/web\.json is neither JSON nor YAML: /) },
    ]);
  });

  it('tries again what could not be read: not everything in the way leaves a mark', async () => {
    given = new Given(ONE);
    given.obstacle = 'may not be read';
    await given.pass(settleMs);
    expect(given.last).toBe('a/web.json may not be read');
    given.obstacle = undefined;
    await given.pass(recheckMs);
    expect(given.last).toBe(1);
  });

  it('takes a defect for a file that is away, and says so in the log', async () => {
    given = new Given(ONE);
    given.obstacle = new Error('no such method');
    await given.pass(settleMs);
    expect(given.last).toBe('a/web.json cannot be read, see the log');
    expect(given.log).toEqual(['BackendSource/edge: the look failed: Error: no such method']);
    given.obstacle = undefined;
    await given.pass(recheckMs);
    expect(given.last).toBe(1);
  });

  it('says once that a file is written without a pause, and reads it when there is one', async () => {
    given = new Given(ONE);
    await given.pass(settleMs);
    for (let n = 0; n < 2 * restlessLooks + 10; n += 1) {
      given.becomes(ONE).hint();
      await given.pass(settleMs / 2);
    }
    expect(given.told.slice(1)).toEqual([
      {
        type: 'unavailable',
        reason: 'a/web.json is written without a pause: replace it by renaming another one',
      },
    ]);
    await given.pass(2 * settleMs);
    expect([given.last, given.told.length]).toEqual([1, 3]);
  });

  it('looks again at what changes while it looks', async () => {
    given = new Given(ONE);
    given.onRead = () => {
      given.onRead = undefined;
      // behind the look at its mark
      queueMicrotask(() => given.becomes(TWO).hint());
    };
    await given.pass(settleMs);
    expect(given.last).toBe(1);
    await given.pass(2 * settleMs);
    expect(given.last).toBe(2);
  });
});

it('waits at its end for a look that is in work, and says nothing of it', async () => {
  const told: Observation[] = [];
  let answer: ((look: FileLook) => void) | undefined;
  const watch = new FileWatch(
    { name: 'edge', project: 'default', spec: { pool: 'web', file: { path: 'web.json' } } },
    { report: (observation) => told.push(observation), warn: () => undefined },
    { look: () => new Promise((resolve) => (answer = resolve)), read: async () => undefined },
    () => ({ watch: () => undefined, close: () => undefined }),
  );
  while (!answer) await new Promise((resolve) => setImmediate(resolve));
  let isStopped = false;
  const stopped = watch.stop().then(() => (isStopped = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  answer({ mark: 'fault', fault: 'does not exist', directories: new Set() });
  await stopped;
  expect(told).toEqual([]);
});
