/** One word of a haproxy.cfg, whatever characters it has. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
