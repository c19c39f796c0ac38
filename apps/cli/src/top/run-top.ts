import { pathOf } from '../rest-client.js';
import type { VitalsDto } from '../rest/rest-types.js';
import type { Session } from '../session.js';
import { topText } from './top-text.js';
import { watchKeys } from './watch-keys.js';

/** Between the two looks of one answer. Milliseconds. */
const ONCE_MS = 1000;
const LEAST = { columns: 80, rows: 24 } as const;

const HIDE_CURSOR = '\u001B[?25l';
const SHOW_CURSOR = '\u001B[?25h';
const HOME = '\u001B[H';
const CLEAR_LINE = '\u001B[K';
const CLEAR_BELOW = '\u001B[J';

/** Shows what goes on until somebody ends it; without a terminal, or once, as plain lines. */
export async function runTop(
  session: Session,
  { everyMs, once }: { readonly everyMs: number; readonly once: boolean },
): Promise<void> {
  const { terminal } = session;
  const look = (): Promise<VitalsDto> =>
    session.client.call<VitalsDto>(pathOf('vitals'), { has: ['groups', 'runs', 'consumers'] });
  let before = await look();
  if (once || !terminal.out.isTty) {
    await terminal.sleep(ONCE_MS);
    const lines = topText({ before, now: await look() }, { columns: 1000, rows: 1000 });
    return session.print(`${lines.join('\n')}\n`);
  }
  const keys = watchKeys(terminal.interrupted());
  terminal.out.write(`${HIDE_CURSOR}${HOME}${CLEAR_BELOW}`);
  try {
    while (!keys.ended.aborted) {
      await terminal.sleep(everyMs, keys.ended);
      if (keys.ended.aborted || keys.isPaused) continue;
      const now = await look();
      const size = {
        columns: terminal.out.columns ?? LEAST.columns,
        rows: (process.stdout.rows ?? LEAST.rows) - 1,
      };
      // lines are written over, not cleared first: nothing flickers
      const text = topText({ before, now }, size).map((line) => `${line}${CLEAR_LINE}\n`);
      terminal.out.write(`${HOME}${text.join('')}${CLEAR_BELOW}`);
      before = now;
    }
  } finally {
    keys.close();
    terminal.out.write(SHOW_CURSOR);
  }
}
