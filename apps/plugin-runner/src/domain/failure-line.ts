/** Lines that say where or in what a program failed, not why. */
const BOILERPLATE: readonly RegExp[] = [
  /^\s*$/,
  /^\s/,
  /^[\s{}()[\]^~-]+$/,
  /^Node\.js v\d/,
  /^note: run with `RUST_BACKTRACE/,
  /^goroutine \d+ \[/,
  /^[\w./*()]+\(.*\)$/,
  /^exit status \d+$/,
  /^For more information, see: https?:/,
];

/** `TypeError: …`, `Error [ERR_X]: …`, `java.io.IOException: …`, `panic: …`, `fatal: …`. */
const TELLS = /^(?:Uncaught )?(?:[\w$.]*(?:Error|Exception)\b[^:]*|error|fatal(?: error)?|panic): /i;

/**
 * The line of stderr that tells why a program stopped: of an uncaught error the line above its stack, else the last
 * line that is no boilerplate of a runtime; empty when nothing was written.
 */
export function failureLine(stderr: string): string {
  const lines = stderr.trimEnd().split('\n');
  const last = lines.findLastIndex((line) => !isBoilerplate(line));
  if (last === -1) return lines.at(-1)?.trim() ?? '';
  const told =
    last === lines.length - 1 ? undefined : lines.slice(0, last + 1).findLast((line) => TELLS.test(line));
  return (told ?? lines[last] ?? '').trim();
}

function isBoilerplate(line: string): boolean {
  return BOILERPLATE.some((pattern) => pattern.test(line));
}
