import type { PluginRequest } from '@signalbox/contracts';

/** Line separators of Unicode; JSON.stringify leaves them as they are inside strings. */
const SEPARATORS = /[\u0085\u2028\u2029]/g;

/**
 * A request as one line of JSON with its line feed. Only the line feed ends a line, but many line readers (readline
 * of Node, splitlines of Python) also break at the separators of Unicode: these are escaped.
 */
export function requestLine(request: PluginRequest): string {
  const json = JSON.stringify(request);
  return `${json.replace(SEPARATORS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
