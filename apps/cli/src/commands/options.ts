import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Format, FORMATS } from '../output/format.js';

/** Flags of a command that prints something. */
export interface OutputFlags {
  readonly output: Format;
}

/** Flags of a command that prints a page of a list. */
export interface ListFlags extends OutputFlags {
  readonly limit?: number;
  readonly after?: string;
  readonly watch?: boolean;
}

/** Flags of a list whose items have a time. */
export interface SinceFlags {
  readonly since?: string;
}

/** Most items of one page (docs/reference/rest-api.md). */
const MAX_LIMIT = 1000;

/** How many of its newest items a list of what happened shows. */
export const NEWEST = 50;

export const DEFAULT_GROUP = 'default';

export function withOutput(command: Command): Command {
  return command.addOption(
    new Option('-o, --output <format>', 'how to print').choices(FORMATS).default('table'),
  );
}

/** `newest`: the list shows its newest items unless asked otherwise. */
export function withPaging(command: Command, newest?: number): Command {
  const limit = new Option('--limit <n>', `at most so many items, 1-${MAX_LIMIT}`).argParser(toLimit);
  return withOutput(command)
    .addOption(newest === undefined ? limit.default(undefined, '100') : limit.default(newest))
    .option('--after <cursor>', 'the page after this cursor');
}

/** Flags of a command that tells what it would do. */
export interface DryRunFlags {
  readonly dryRun?: boolean;
  readonly full?: boolean;
}

/** A command that may only tell what it would do, and what would follow from that. */
export function withDryRun(command: Command): Command {
  return withFull(command.option('--dry-run', 'print the plan and what would follow, and change nothing'));
}

/** A command that may only tell what it would ask of the site. */
export function withPlainDryRun(command: Command): Command {
  return command.option('--dry-run', 'tell what would be sent to the site, and send nothing');
}

/** A list of what happened, of which the newest may be enough. */
export function withSince(command: Command): Command {
  return command.option('--since <duration>', 'only of the last so long: 30m, 2h');
}

/** A list that can be followed. */
export function withWatch(command: Command): Command {
  return command.option('--watch', 'print it again whenever something of it changes, until Ctrl-C');
}

/** A command that tells what would follow. */
export function withFull(command: Command): Command {
  return command.option('--full', 'all that would follow, however many lines');
}

export interface ProjectFlags {
  readonly project?: string;
}

/** Where a command finds what it names. */
export function withProject(command: Command): Command {
  return command.option('--project <name>', 'project, default unless told otherwise');
}

export function withGroup(command: Command): Command {
  return command.option('--group <name>', 'group of the events', DEFAULT_GROUP);
}

const EXAMPLES = new WeakMap<Command, readonly string[]>();

/** What {@link withExamples} was given; none of a command that only has others below it. */
export function examplesOf(command: Command): readonly string[] {
  return EXAMPLES.get(command) ?? [];
}

/** Examples at the end of the help of a command; a line that begins with blanks goes on with the one before. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  EXAMPLES.set(command, examples);
  const lines = examples.map((line) => (line.startsWith(' ') ? `  ${line}` : `  $ ${line}`));
  return command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
}

/** `name=value` pairs of a repeated flag. Throws InvalidArgumentError when a text has no name or no `=`. */
export function collectPairs(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('write name=value.');
  return { ...previous, [text.slice(0, at)]: text.slice(at + 1) };
}

/** A whole number that is at least 1. */
export function toRevision(text: string): number {
  return toWhole(text, Number.MAX_SAFE_INTEGER);
}

/** How many of something are wanted: a whole number from 1 on. */
export function toCount(text: string): number {
  return toWhole(text, Number.MAX_SAFE_INTEGER);
}

/** How many items a page may have. */
export function toLimit(text: string): number {
  return toWhole(text, MAX_LIMIT);
}

function toWhole(text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 1 && value <= most))
    throw new InvalidArgumentError(`write a whole number from 1 to ${most}.`);
  return value;
}
