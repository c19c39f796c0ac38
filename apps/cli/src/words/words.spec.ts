import { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { expandWords } from './expand-words.js';
import { matchesOf, oneOf } from './match-word.js';
import { readPhrase } from './phrase.js';

describe('matchesOf', () => {
  const words = ['show', 'set', 'status', 'showcase'];
  it.each([
    ['show', ['show']],
    ['sho', ['show', 'showcase']],
    ['st', ['status']],
    ['s', words],
    ['x', []],
    ['', []],
  ])('%s', (typed, matches) => {
    expect(matchesOf(typed, words)).toEqual(matches);
  });

  it('names alternatives', () => {
    expect([oneOf(['a']), oneOf(['a', 'b']), oneOf(['a', 'b', 'c'])]).toEqual(['a', 'a or b', 'a, b or c']);
  });
});

function tree(): Command {
  const program = new Command('signalbox').option('--url <url>').option('-q, --quiet').version('1');
  const show = program.command('show');
  show.command('backends').alias('backend').argument('[name]').option('--state <state>');
  show.command('frontends').alias('frontend');
  program.command('set').command('backend').argument('<name>');
  program.command('status');
  return program;
}

describe('expandWords', () => {
  it.each([
    ['sh ba nginx1', 'show backends nginx1'],
    ['show backend ba', 'show backends ba'],
    ['show back', 'show backends'],
    ['--url sh sh f', '--url sh show frontends'],
    ['--url=sh -q sh --url s f', '--url=sh -q show --url s frontends'],
    ['sh ba --state s sh', 'show backends --state s sh'],
    ['sh --state ba ba', 'show --state ba ba'],
    ['-h sh', '-h show'],
    ['sh -- ba', 'show -- ba'],
    ['shwo ba', 'shwo ba'],
    ['sh nope ba', 'show nope ba'],
    ['hel sh', 'help show'],
    ['sh he fr', 'show help frontends'],
    ['help', 'help'],
    ['help --url sh', 'help --url sh'],
    ['status sh', 'status sh'],
    ['', ''],
  ])('%s', (typed, expanded) => {
    const args = typed === '' ? [] : typed.split(' ');
    expect(expandWords(tree(), args).join(' ')).toBe(expanded);
  });

  it.each([
    ['s', '"s" is ambiguous: write show, set or status in full', 'signalbox --help'],
    ['set backend', undefined, undefined],
    ['help s', '"s" is ambiguous', 'signalbox --help'],
    ['show help nope', "unknown command 'nope'", 'signalbox show --help'],
  ])('%s', (typed, message, next) => {
    const expand = () => expandWords(tree(), typed.split(' '));
    if (message === undefined) return expect(expand).not.toThrow();
    return expect(expand).toThrow(
      expect.objectContaining({
        code: 'usage',
        exitCode: 2,
        next,
        message: expect.stringContaining(message),
      }),
    );
  });
});

describe('readPhrase', () => {
  const read = (typed: string) =>
    readPhrase('<frontend> pool <pool>', typed === '' ? [] : typed.split(' '), 'signalbox set frontend');

  it('takes what is named, also names that are words, and shortened words', () => {
    expect(read('f pool p')).toEqual(['f', 'p']);
    expect(read('pool po pool')).toEqual(['pool', 'pool']);
  });

  it.each([
    ['', 'expected <frontend> after "signalbox set frontend"'],
    ['f', 'expected "pool" after "f"'],
    ['f pol p', 'unknown word "pol": expected "pool" after "f"'],
    ['f pools p', 'unknown word "pools": expected "pool" after "f"'],
    ['f pool', 'expected <pool> after "pool"'],
    ['f pool p more', 'unknown word "more": nothing comes after "p"'],
  ])('R19 "%s"', (typed, message) => {
    expect(() => read(typed)).toThrow(
      expect.objectContaining({ code: 'usage', exitCode: 2, message: expect.stringContaining(message) }),
    );
  });
});
