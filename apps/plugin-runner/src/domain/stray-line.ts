/** A line on stdout that is no part of the result. */
export interface StrayLine {
  readonly line: string;
  readonly where: 'before' | 'after';
}

const LINE_OF_YAML_RESULT = /^(?:apiVersion:|kind:\s*PluginResult\b)/;

/**
 * The line that a program wrote beside its result, undefined when no result can be made out. For texts only that could
 * not be decoded: it looks for the object, or the first line of YAML, that names the kind. One pass.
 */
export function strayLine(stdout: string): StrayLine | undefined {
  let before: string | undefined;
  for (let at = 0; at < stdout.length;) {
    const lineEnd = endOfLine(stdout, at);
    const line = stdout.slice(at, lineEnd).trim();
    const isObject = line.startsWith('{');
    const end = isObject ? endOfObject(stdout, stdout.indexOf('{', at)) : lineEnd;
    if (end === undefined) return undefined;
    const begins = isObject ? isResult(stdout.slice(at, end)) : LINE_OF_YAML_RESULT.test(line);
    if (begins && before !== undefined) return { line: before, where: 'before' };
    if (begins && isObject) {
      const after = firstLine(stdout.slice(end));
      return after === undefined ? undefined : { line: after, where: 'after' };
    }
    if (line !== '') before ??= line;
    at = isObject ? end : lineEnd + 1;
  }
  return undefined;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end === -1 ? text.length : end;
}

function isResult(text: string): boolean {
  try {
    return (JSON.parse(text) as { kind?: unknown }).kind === 'PluginResult';
  } catch {
    return false;
  }
}

function firstLine(text: string): string | undefined {
  return text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');
}

/** Index behind the bracket that closes the object at `start`; undefined when none does. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      at += 1;
      while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    } else if (char === '{') depth += 1;
    else if (char === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}
