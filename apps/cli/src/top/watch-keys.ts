/** What the keyboard says while something is shown. */
export interface Keys {
  /** Aborted by q, Q and Ctrl-C. */
  readonly ended: AbortSignal;
  /** Changed by p. */
  readonly isPaused: boolean;
  close(): void;
}

const ENDING: readonly string[] = ['q', 'Q', '\u0003'];

/** Reads single keys of a terminal; nothing when stdin is none. */
export function watchKeys(interrupted: AbortSignal): Keys {
  const { stdin } = process;
  const quit = new AbortController();
  let isPaused = false;
  const onKey = (data: Buffer): void => {
    const key = data.toString('utf8');
    if (ENDING.includes(key)) quit.abort();
    if (key === 'p') isPaused = !isPaused;
  };
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', onKey);
    stdin.resume();
  }
  return {
    ended: AbortSignal.any([interrupted, quit.signal]),
    get isPaused() {
      return isPaused;
    },
    close() {
      if (!stdin.isTTY) return;
      stdin.off('data', onKey);
      stdin.setRawMode(false);
      stdin.pause();
    },
  };
}
