import type { TableEntry } from '../api/message-table.js';
import { originOf } from '../api/needed-messages.js';
import { type CheckStep, ok } from './check-step.js';

/** Each message that is needed, by its CRC. */
export function checkMessages(entries: readonly TableEntry[]): CheckStep[] {
  return entries.map(({ message, state, ours, theirs }): CheckStep => {
    const step = `message ${message}`;
    if (state === 'there') return ok(step, ours);
    if (state === 'missing')
      return { step, result: 'missing', found: `no ${message}`, todo: `it needs ${originOf(message)}` };
    return {
      step,
      result: 'differs',
      found: `CRC ${theirs}, and ${ours} is described`,
      todo: 'name the api.json files of this very VPP: SIGNALBOX_VPP_API_DIR; restart VPP if its package was changed under it',
    };
  });
}
