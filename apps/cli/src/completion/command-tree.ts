import type { Command } from 'commander';

/** What completion knows of one command: `path` is how it is typed, from `signalbox` on. */
export interface CommandNode {
  readonly path: string;
  readonly children: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly FlagNode[];
}

/** A flag with its spellings and, where they are few, the values it takes. */
export interface FlagNode {
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly values: readonly string[];
}

/** Every command that can be typed, the flags of the program with each. */
export function commandTree(program: Command): readonly CommandNode[] {
  const everywhere = program.options.filter(({ long }) => long !== '--version').map(flagOf);
  return [{ ...nodeOf(program, program.name(), []) }, ...below(program, program.name(), everywhere)];
}

function below(command: Command, path: string, everywhere: readonly FlagNode[]): readonly CommandNode[] {
  return command.commands.flatMap((child) => {
    const childPath = `${path} ${child.name()}`;
    return [nodeOf(child, childPath, everywhere), ...below(child, childPath, everywhere)];
  });
}

function nodeOf(command: Command, path: string, everywhere: readonly FlagNode[]): CommandNode {
  const help: FlagNode = { names: ['-h', '--help'], description: 'help', takesValue: false, values: [] };
  const children = command.commands.map((child) => ({
    name: child.name(),
    description: child.description(),
  }));
  return { path, children, flags: [...command.options.map(flagOf), ...everywhere, help] };
}

function flagOf({ short, long, description, required, argChoices }: Command['options'][number]): FlagNode {
  const names = [short, long].filter((name): name is string => name !== undefined && name !== null);
  return { names, description, takesValue: required, values: argChoices ?? [] };
}
