import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '@signalbox/testing';

/** What becomes of a fenced block: run by a test, as root, with containers, or only shown. */
export const TAGS = ['run', 'root', 'docker', 'display'] as const;
export type Tag = (typeof TAGS)[number];

/** A fenced block of a page: the first word of its info string is the language, the second one a tag. */
export interface Block {
  readonly page: string;
  /** Of its opening fence. */
  readonly line: number;
  readonly language: string;
  /** Undefined when the block has none, or one that nobody knows. */
  readonly tag: Tag | undefined;
  /** `file=PATH`: the block is the content of this file, not commands. */
  readonly file: string | undefined;
  readonly text: string;
}

/** One command of a block, and the output that the page shows below it. */
export interface Step {
  readonly command: string;
  readonly shown: readonly string[];
}

/** README and every guide, as paths in the checkout. */
export function pages(): string[] {
  const guides = readdirSync(join(CHECKOUT, 'docs', 'guide')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...guides.sort().map((name) => join('docs', 'guide', name))];
}

export function blocksOf(page: string): Block[] {
  return readBlocks(page, readFileSync(join(CHECKOUT, page), 'utf8'));
}

export function readBlocks(page: string, markdown: string): Block[] {
  const blocks: Block[] = [];
  let open: { line: number; info: string; text: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const info = /^```(.*)$/.exec(line)?.[1];
    if (info === undefined) open?.text.push(line);
    else if (open === undefined) open = { line: index + 1, info, text: [] };
    else {
      const [language = '', tag, ...attributes] = open.info.trim().split(/\s+/);
      const file = attributes.find((one) => one.startsWith('file='))?.slice('file='.length);
      const known = TAGS.find((one) => one === tag);
      blocks.push({ page, line: open.line, language, tag: known, file, text: open.text.join('\n') });
      open = undefined;
    }
  }
  return blocks;
}

/** `console`: commands after `$ `, each with its output. Any other language: the block is one script. */
export function stepsOf({ language, text }: Block): Step[] {
  if (language !== 'console') return [{ command: text, shown: [] }];
  const steps: { command: string; shown: string[] }[] = [];
  let goesOn = false;
  for (const line of text.split('\n')) {
    const step = steps.at(-1);
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), shown: [] });
    else if (goesOn && step) step.command += `\n${line}`;
    else step?.shown.push(line);
    goesOn = (line.startsWith('$ ') || goesOn) && /[\\|]$/.test(line);
  }
  return steps;
}

/**
 * Whether the page shows what came: the first word of each of its lines begins a line that came, in the same order. What
 * differs each time (times, generated names) is not compared, and `…` stands for anything.
 */
export function agrees(shown: readonly string[], came: string): boolean {
  const firstWords = (lines: readonly string[]): string[] =>
    lines.map((line) => line.trim().split(/\s+/)[0]!).filter((word) => word !== '');
  const rest = firstWords(came.split('\n'));
  return firstWords(shown)
    .filter((word) => word !== '…' && !CHANGES.test(word))
    .every((word) => {
      const at = rest.indexOf(word.replace(/…$/, ''));
      if (at >= 0) rest.splice(0, at + 1);
      return at >= 0;
    });
}

/** Times, ids and whole JSON documents. */
const CHANGES = /^(\d{4}-\d\d-\d\dT|\d\d:\d\d:\d\d|(evt|run)-[0-9a-f]{8}|\{)/;
