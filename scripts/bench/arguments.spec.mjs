import { describe, expect, it } from '@jest/globals';
import { readArguments } from './arguments.mjs';

const NAMES = ['facts', 'chain', 'health'];
const read = (argv, env = {}) => readArguments(argv, env, NAMES);

describe('readArguments', () => {
  it('measures everything three times, with both syncs, when nothing is said', () => {
    expect(read([])).toEqual({
      help: false,
      wanted: NAMES,
      quick: false,
      seconds: 10,
      repetitions: 3,
      syncs: ['default', 'always'],
    });
  });

  it('keeps the order of the parts', () => {
    expect(read(['health', 'facts']).wanted).toEqual(['facts', 'health']);
  });

  it('measures once, and shortly, with --quick', () => {
    expect(read(['--quick', '--sync', 'always'])).toMatchObject({
      quick: true,
      seconds: 2,
      repetitions: 1,
      syncs: ['always'],
    });
    expect(read(['--quick']).syncs).toEqual(['default']);
    expect(read(['--quick', '--sync', 'both']).syncs).toEqual(['default', 'always']);
    expect(read(['--quick'], { BENCH_SECONDS: '0.5' }).seconds).toBe(0.5);
  });

  it.each([
    [['facts', 'fats', 'x'], {}, 'there is no part fats, x; the parts are facts, chain, health'],
    [['--sync', 'never'], {}, '--sync is never: expected default, always or both'],
    [['--fast'], {}, "Unknown option '--fast'"],
    [[], { BENCH_SECONDS: 'ten' }, 'BENCH_SECONDS is ten: expected a number of seconds'],
    [[], { BENCH_SECONDS: '0' }, 'BENCH_SECONDS is 0'],
  ])('refuses %j with %j', (argv, env, message) => {
    expect(() => read(argv, env)).toThrow(message);
  });
});
