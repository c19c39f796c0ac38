import { mistakeIn } from './bird-answers.js';
import type { Ask } from './bird-control.js';
import type { BirdFile } from './bird-file.js';
import { OURS } from './bird-names.js';
import { loadedDigest } from './bird-state.js';
import type { BirdText } from './bird-text.js';
import { refused, unavailable } from '../announcer-error.js';
import type { OrderTime } from '../../order-time.js';

/** Longest report of a bad file that an error repeats. Characters. */
const MOST_REPORT_CHARACTERS = 500;

const CODE_ENABLED = 11;

/**
 * Makes BIRD read a text: alone first, then in its place. Rejects with `announce-refused` when BIRD does not take it; then the file is as it
 * was `before`, and BIRD goes on with what it had.
 */
export async function loadText(
  ask: Ask,
  file: BirdFile,
  { text, digest }: BirdText,
  before: string | undefined,
  time: OrderTime,
): Promise<void> {
  if (text !== before) {
    await file.prepare(text);
    try {
      check(await ask(`configure check "${file.tried}"`));
      await file.place();
    } finally {
      await file.dropTried();
    }
  }
  try {
    check(await ask('configure'));
  } catch (error) {
    // one that went away meanwhile reads the new one when it starts
    if (text !== before && isRefusal(error)) await file.restore(before);
    throw error;
  }
  await untilLoaded(ask, digest, file.path, time);
}

/** Enables what somebody disabled by hand; returns how many protocols that were. */
export async function enableAll(ask: Ask): Promise<number> {
  const answer = await ask(`enable "${OURS}*"`);
  return answer.filter(({ code }) => code === CODE_ENABLED).length;
}

/** One that is busy with a configuration before takes ours behind it. */
async function untilLoaded(ask: Ask, digest: string, path: string, time: OrderTime): Promise<void> {
  let loaded;
  for (;;) {
    loaded = await loadedDigest(ask);
    if (loaded === digest) return;
    if (loaded === undefined && !(await isBusy(ask)))
      throw unavailable(`BIRD does not read ${path}; put  include "${path}";  into its configuration`);
    await time.pause(`BIRD to read ${path}`);
  }
}

async function isBusy(ask: Ask): Promise<boolean> {
  const answer = await ask('show status');
  return answer.some(({ text }) => /^reconfiguration in progress/i.test(text));
}

function check(answer: Parameters<typeof mistakeIn>[0]): void {
  const mistake = mistakeIn(answer);
  if (mistake) throw refused(`BIRD does not take it: ${mistake.text.slice(0, MOST_REPORT_CHARACTERS)}`);
}

function isRefusal(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'announce-refused';
}
