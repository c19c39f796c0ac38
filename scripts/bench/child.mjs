// Processes of the bench's own: they tell when they are ready, answer questions, and end with us.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../prepare.mjs';

const ANSWER_MS = 120_000;

/**
 * Starts `scripts/bench/<file>` with settings as its one argument; resolves when it is ready. It ends when its channel to
 * us closes. `execPath`: a program that starts it in the place of Node, as its arguments say.
 *
 * @returns {Promise<{ pid: number, told: object, ask: (question: unknown) => Promise<object>, stop: () => Promise<void> }>}
 */
export async function startChild(file, settings = {}, execArgv = [], execPath = process.execPath) {
  const child = fork(join(ROOT, 'scripts', 'bench', file), [JSON.stringify(settings)], {
    execArgv,
    execPath,
  });
  const gone = once(child, 'exit');
  const lost = gone.then(([code, signal]) => {
    throw new Error(`${file} ended (${signal ?? code})`);
  });
  lost.catch(() => undefined); // it is stopped at some time
  const answer = async () => {
    const heard = once(child, 'message', { signal: AbortSignal.timeout(ANSWER_MS) });
    const [told] = await Promise.race([heard, lost]);
    return told;
  };
  const told = await answer();
  return {
    pid: child.pid,
    told,
    ask: (question) => {
      const answered = answer();
      child.send(question);
      return answered;
    },
    stop: async () => {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
