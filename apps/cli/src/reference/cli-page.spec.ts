import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { examplesOf } from '../commands/options.js';
import { build } from '../program.js';
import { Session } from '../session.js';
import { stubTerminal } from '../testing/run-command.fixture.js';
import { cliPage } from './cli-page.js';

const PAGE = 'docs/reference/cli.md';

function all(command: Command): Command[] {
  return [command, ...command.commands.flatMap(all)];
}

describe('docs/reference/cli.md', () => {
  const program = new Command('signalbox');
  build(program, new Session(stubTerminal(), program));

  /** `UPDATE_DOCS=1 npm run unit -- --testPathPatterns cli-page` writes it. */
  it('is what the commands say of themselves', () => {
    const page = cliPage(program);
    if (process.env['UPDATE_DOCS']) writeFileSync(PAGE, page);
    expect(readFileSync(PAGE, 'utf8')).toBe(page);
  });

  it('has words for every command, argument and flag, and an example of each command', () => {
    const silent = all(program).flatMap((command) => [
      ...(command.description() === '' ? [command.name()] : []),
      ...command.registeredArguments
        .filter(({ description }) => description === '')
        .map((one) => `${command.name()} ${one.name()}`),
      ...command.options.filter(({ description }) => description === '').map(({ flags }) => flags),
      ...(command.commands.length === 0 && examplesOf(command).length === 0
        ? [`${command.name()}: no example`]
        : []),
    ]);
    expect(silent).toEqual([]);
  });
});
