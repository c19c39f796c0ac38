import { displayWidth } from './cell.js';

const COLOUR = new RegExp(String.raw`\u001B\[\d+m`, 'g');

/**
 * Lines that fit a terminal: a longer one goes on below, at its own indent and a little more, and breaks between
 * words. A word that is longer than a line breaks where the line ends.
 */
export function foldText(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => foldLine(line, width))
    .join('\n');
}

/** Blanks that a line has more where it goes on. */
const HANG = 4;

function foldLine(line: string, width: number): string {
  if (shownWidth(line) <= width) return line;
  const indent = ' '.repeat(
    Math.min((/^[ │├└─]*/.exec(line)?.[0].length ?? 0) + HANG, Math.floor(width / 2)),
  );
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(/(?<=\S)(?= )/)) {
    if (shownWidth(current + word) <= width) {
      current += word;
      continue;
    }
    if (current.trim() !== '') lines.push(current.trimEnd());
    current = current === '' ? word : indent + word.trimStart();
    while (shownWidth(current) > width) {
      lines.push(current.slice(0, width));
      current = indent + current.slice(width);
    }
  }
  return [...lines, current.trimEnd()].join('\n');
}

/** Columns a line takes, colours aside. */
function shownWidth(text: string): number {
  return displayWidth(text.replace(COLOUR, ''));
}
