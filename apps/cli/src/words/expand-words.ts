import type { Command } from 'commander';
import { usageFailure } from '../failure.js';
import { matchesOf, oneOf } from './match-word.js';

const HELP = 'help';

/**
 * The arguments with shortened command words and aliases written out (`sh ba nginx1`). Flags, their values and
 * everything behind the command stay as they are. A word that begins several commands is a usage error; one that
 * begins none is left to commander, which knows what it resembles.
 */
export function expandWords(program: Command, args: readonly string[]): readonly string[] {
  const expanded = [...args];
  let command = program;
  let path = program.name();
  for (let index = 0; index < args.length && command.commands.length > 0; index += 1) {
    const arg = args[index]!;
    if (arg.startsWith('-')) {
      const tokens = tokensOfFlag(program, arg);
      if (tokens === undefined) break;
      index += tokens - 1;
      continue;
    }
    const found = commandsOf(command, arg);
    if (found.length > 1)
      throw usageFailure(`"${arg}" is ambiguous: write ${oneOf(found)} in full`, `${path} --help`);
    const word = found[0];
    const next = word === undefined ? undefined : childOf(command, word);
    if (word !== undefined) expanded[index] = word;
    if (word === HELP && next === undefined) {
      expandHelped(command, expanded, index + 1, path);
      break;
    }
    if (next === undefined) break;
    command = next;
    path = `${path} ${next.name()}`;
  }
  return expanded;
}

/** `help shwo` prints the help of everything unless we look at its word ourselves. */
function expandHelped(command: Command, expanded: string[], index: number, path: string): void {
  const arg = expanded[index];
  if (arg === undefined || arg.startsWith('-')) return;
  const found = commandsOf(command, arg).filter((word) => word !== HELP);
  if (found.length !== 1)
    throw usageFailure(
      found.length === 0
        ? `unknown command '${arg}'`
        : `"${arg}" is ambiguous: write ${oneOf(found)} in full`,
      `${path} --help`,
    );
  expanded[index] = found[0]!;
}

/** Names of the commands below this one that a typed word can mean. */
function commandsOf(command: Command, typed: string): readonly string[] {
  const names = new Map(
    command.commands.flatMap((child) =>
      [child.name(), ...child.aliases()].map((word): [string, string] => [word, child.name()]),
    ),
  );
  names.set(HELP, names.get(HELP) ?? HELP);
  const words = matchesOf(typed, [...names.keys()]);
  return [...new Set(words.map((word) => names.get(word)!))];
}

function childOf(command: Command, name: string): Command | undefined {
  return command.commands.find((child) => child.name() === name);
}

/** How many arguments a flag of the program takes up; undefined for a flag that is not the program's. */
function tokensOfFlag(program: Command, arg: string): 1 | 2 | undefined {
  if (arg === '-h' || arg === '--help') return 1;
  const [flag] = arg.split('=', 1);
  const option = program.options.find(({ short, long }) => flag === short || flag === long);
  if (option === undefined) return undefined;
  return option.required && !arg.includes('=') ? 2 : 1;
}
