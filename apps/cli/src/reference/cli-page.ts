import type { Argument, Command, Option } from 'commander';
import { examplesOf } from '../commands/options.js';
import { EXIT, EXIT_MEANINGS } from '../exit-codes.js';

/** docs/reference/cli.md: every command with its arguments, flags and examples, as `--help` says. In Markdown. */
export function cliPage(program: Command): string {
  const commands = below(program);
  return [
    '# Commands',
    '',
    'Every command of `signalbox`, as its `--help` has it. How they work together, what they print and which site they speak to is',
    'in [the command line](../guide/command-line.md).',
    '',
    '| command | what it does |',
    '| --- | --- |',
    ...commands.map((one) => `| [\`${pathOf(one)}\`](#${anchorOf(one)}) | ${cell(one.description())} |`),
    '',
    '## Flags of every command',
    '',
    ...optionTable(program.options),
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...Object.entries(EXIT).map(
      ([name, code]) => `| ${code} | ${EXIT_MEANINGS[name as keyof typeof EXIT]} |`,
    ),
    '',
    ...commands.flatMap(section),
  ].join('\n');
}

/** Commands that can be run, in the order in which help lists them. */
function below(command: Command): Command[] {
  return command.commands.flatMap((one) => (one.commands.length === 0 ? [one] : below(one)));
}

function section(command: Command): string[] {
  const { registeredArguments, options } = command;
  const examples = examplesOf(command);
  return [
    `## ${pathOf(command)}`,
    '',
    `${sentence(command.description())}`,
    '',
    '```',
    `signalbox ${pathOf(command)} ${command.usage()}`.trimEnd(),
    '```',
    '',
    ...(registeredArguments.length === 0 ? [] : [...argumentTable(registeredArguments), '']),
    ...(options.length === 0 ? [] : [...optionTable(options), '']),
    ...(examples.length === 0 ? [] : ['```sh display', ...examples, '```', '']),
  ];
}

function argumentTable(list: readonly Argument[]): string[] {
  return [
    '| argument | |',
    '| --- | --- |',
    ...list.map((one) => {
      const name = `${one.name()}${one.variadic ? '…' : ''}`;
      return `| \`${name}\`${one.required ? '' : ' (optional)'} | ${cell(valuesOf(one.description, one.argChoices))} |`;
    }),
  ];
}

function optionTable(list: readonly Option[]): string[] {
  return [
    '| flag | | default |',
    '| --- | --- | --- |',
    ...list
      .filter(({ hidden }) => !hidden)
      .map((one) => {
        const { flags, description, argChoices, mandatory } = one;
        const words = `${mandatory ? 'required: ' : ''}${valuesOf(description, argChoices)}`;
        return `| \`${cell(flags)}\` | ${cell(words)} | ${cell(defaultOf(one))} |`;
      }),
  ];
}

function defaultOf({ defaultValue, defaultValueDescription }: Option): string {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  return defaultValue === undefined || defaultValue === false ? '' : String(defaultValue);
}

function valuesOf(description: string, choices: readonly string[] | undefined): string {
  return choices && choices.length > 0 ? `${description}: ${choices.join(', ')}` : description;
}

/** Without the name of the program. */
function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name();
}

function anchorOf(command: Command): string {
  return pathOf(command).replaceAll(' ', '-');
}

function sentence(text: string): string {
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
