import { CodedError, type NodeVpp } from '@signalbox/contracts';
import type { Fields, Reply } from './api/field-value.js';
import type { VppClient } from './api/vpp-client.js';
import { VppError } from './api/vpp-error.js';
import { messageOf, TARGET_DUMP, VIP_DUMP } from './lb-messages.js';
import type { LbWrite } from './lb-plan.js';
import type { LbTable } from './lb-table.js';
import { confOf, readTable } from './read-table.js';
import { kindOf, type SyncScope, SyncTally } from './sync-tally.js';
import { vipText } from './vip-key.js';
import { readVipsText, type ToldVip } from './vips-text.js';
import type { VppTime } from './vpp-time.js';

/** Most messages that are on their way to VPP at once: it reads them one after the other. */
const MOST_ON_THE_WAY = 128;

/** What came of changes. */
export interface Changed {
  /** Those that VPP said yes to. */
  readonly done: readonly LbWrite[];
  /** Why VPP refused one first, by the text of the VIP; of settings by ''. */
  readonly refusals: ReadonlyMap<string, string>;
}

/** The plugin `lb` of the VPP that a client is connected to. All that changes it goes through {@link change}. */
export class VppLb {
  readonly tally = new SyncTally();

  /** What stands. Rejects with `data-plane-unavailable`. */
  async read(client: VppClient, time: VppTime): Promise<LbTable> {
    const { left } = time;
    const [conf, vips, targets, text] = await orUnavailable(
      Promise.all([
        client.call('lb_conf_get', {}, left),
        client.dump(VIP_DUMP.message, VIP_DUMP.fields, left),
        client.dump(TARGET_DUMP.message, TARGET_DUMP.fields, left),
        client.cli('show lb vips verbose', left),
      ]),
    );
    return readTable({ conf: conf.fields, vips: fieldsOf(vips), targets: fieldsOf(targets), text });
  }

  /** Its settings. Rejects with `data-plane-unavailable`. */
  async conf(client: VppClient, time: VppTime): Promise<NodeVpp> {
    const { fields } = await orUnavailable(client.call('lb_conf_get', {}, time.left));
    return confOf(fields);
  }

  /** What it counted. Rejects with `data-plane-unavailable`. */
  async told(client: VppClient, time: VppTime): Promise<ToldVip[]> {
    return readVipsText(await orUnavailable(client.cli('show lb vips verbose', time.left)));
  }

  /**
   * Makes the changes in their order, whatever becomes of each. Rejects with `data-plane-unavailable` when VPP does not answer: nobody knows
   * then which of them were made.
   */
  async change(
    client: VppClient,
    writes: readonly LbWrite[],
    scope: SyncScope,
    time: VppTime,
  ): Promise<Changed> {
    const done: LbWrite[] = [];
    const refusals = new Map<string, string>();
    for (let at = 0; at < writes.length; at += MOST_ON_THE_WAY)
      await Promise.all(
        writes.slice(at, at + MOST_ON_THE_WAY).map(async (write) => {
          const refusal = await send(client, write, time);
          if (refusal === undefined) {
            done.push(write);
            const kind = kindOf(write);
            if (kind) this.tally.add(kind, scope);
            return;
          }
          const of = write.does === 'conf' ? '' : vipText(write.vip);
          if (!refusals.has(of)) refusals.set(of, refusal);
        }),
      );
    return { done, refusals };
  }
}

/** Why VPP refuses it; undefined: it does not. */
async function send(client: VppClient, write: LbWrite, time: VppTime): Promise<string | undefined> {
  const { message, fields } = messageOf(write);
  try {
    await client.call(message, fields, time.left);
    return undefined;
  } catch (error) {
    if (error instanceof VppError) return error.message;
    throw error;
  }
}

/** VPP never refuses to tell what it has: one that does is not ready. */
async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof VppError)) throw error;
    throw new CodedError('data-plane-unavailable', `VPP does not tell its table: ${error.message}`, [], {
      cause: error,
    });
  }
}

function fieldsOf(replies: readonly Reply[]): Fields[] {
  return replies.map(({ fields }) => fields);
}
