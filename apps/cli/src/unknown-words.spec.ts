import { expect, it } from '@jest/globals';
import { runCommand } from './testing/run-command.fixture.js';

/** Most lines that a targeted error has: the error, what is alike, what to do next. */
const MOST_LINES = 3;

it.each([
  ['shwo', "unknown command 'shwo'", 'signalbox --help'],
  ['show backnds', "unknown command 'backnds'", 'signalbox show --help'],
  [
    'show backends nginx1 extra',
    'unknown word "extra": nothing comes after "nginx1"',
    'show backends --help',
  ],
  ['show alarms now', 'unknown word "now": nothing comes after "alarms"', 'signalbox show alarms --help'],
  ['set backend nginx1 explode', "'explode' is invalid", 'signalbox set backend --help'],
  ['set backend nginx1', "missing required argument 'command'", 'signalbox set backend --help'],
  ['set backend nginx1 pause now', 'unknown word "now": nothing comes after "pause"', 'set backend --help'],
  ['set bakend nginx1 pause', "unknown command 'bakend'", 'signalbox set --help'],
  ['set frontend f', 'the command ends too early: expected "pool" after "f"', 'set frontend --help'],
  ['set frontend f pole p', 'unknown word "pole": expected "pool" after "f"', 'set frontend --help'],
  [
    'set frontend f pool p weight 5',
    'unknown word "weight": expected "backend" after "p"',
    'set frontend --help',
  ],
  [
    'set frontend f pool p backend b weight',
    'expected <0-100|default> after "weight"',
    'set frontend --help',
  ],
  ['set frontend f pool p backend b weight 5 now', 'unknown word "now"', 'set frontend --help'],
  ['watch evnts', "unknown command 'evnts'", 'signalbox watch --help'],
  ['watch events 5', 'unknown word "5": expected num, backend, frontend or node', 'watch events --help'],
  ['watch events num', 'the command ends too early: expected <n> after "num"', 'watch events --help'],
  ['watch events num all', '"all" after "num" is not a whole number from 1 on', 'watch events --help'],
  ['watch events num 1 num 2', 'num is given twice', 'watch events --help'],
  [
    'watch events backend a nginx2',
    'unknown word "nginx2": expected num, backend, frontend or node',
    'watch events --help',
  ],
  ['watch events log level debug', 'log events are not offered', 'signalbox status'],
  ['event lits', "unknown command 'lits'", 'signalbox event --help'],
  ['event list extra words', 'unknown word "extra words": nothing comes after "list"', 'event list --help'],
  ['version please', 'unknown word "please"', 'signalbox version --help'],
  ['status -o json extra', 'unknown word "extra"', 'signalbox status --help'],
  ['help shwo', "unknown command 'shwo'", 'signalbox --help'],
  ['show help backnds', "unknown command 'backnds'", 'signalbox show --help'],
  ['s', '"s" is ambiguous', 'signalbox --help'],
])('R19 %s', async (line, says, next) => {
  const { code, out, err } = await runCommand(line.split(' '), {
    env: { SIGNALBOX_URL: 'http://127.0.0.1:1' },
  });
  expect({ code, out }).toEqual({ code: 2, out: '' });
  const lines = err.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^signalbox: usage: /);
  expect(lines[0]).toContain(says);
  expect(lines.at(-1)).toMatch(/^next: /);
  expect(lines.at(-1)).toContain(next);
  expect(lines.length).toBeLessThanOrEqual(MOST_LINES);
});

it('names what a wrong word resembles and what may stand there', async () => {
  expect((await runCommand(['show', 'backnds'])).err).toContain('(Did you mean backends?)');
  expect((await runCommand(['set', 'backend', 'nginx1', 'explode'])).err).toContain(
    'expected pause, resume, enable or disable',
  );
});
