import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StreamMessage } from '@signalbox/bus';
import type { DeliveryRecord } from '@signalbox/contracts';
import { deliveredVersions, deliveriesProjection, inFoldTransaction, openAttempts } from '@signalbox/store';
import fc from 'fast-check';
import { FederationSite, GROUP } from './federation.fixture.js';

const START_MS = 300_000;

interface Step {
  readonly seq: number;
  readonly version: number;
  readonly type: DeliveryRecord['type'];
}

describe('the table of deliveries', () => {
  let site: FederationSite;

  beforeAll(async () => {
    site = await FederationSite.create();
    await site.reset();
    await site.start();
  }, START_MS);
  afterAll(() => site.destroy(), START_MS);

  function recordOf({ seq, version, type }: Step, peer: string): DeliveryRecord {
    const key = { group: GROUP, peer, seq, id: 'evt-1', version, observedAt: '2026-05-30T12:00:00Z' };
    const try1 = { attempts: version, at: '2026-05-30T12:00:01Z' };
    return type === 'delivered'
      ? { ...key, ...try1, type, duplicate: false, expiresAt: `2026-05-30T13:00:0${version}Z` }
      : { ...key, ...try1, type, error: { code: 'peer-unreachable', message: 'no answer' } };
  }

  async function fold(peer: string, batches: readonly (readonly Step[])[]): Promise<unknown> {
    for (const batch of batches) {
      const messages = batch.map((step): StreamMessage => {
        const data = Buffer.from(JSON.stringify(recordOf(step, peer)));
        return { stream: 'ACTIVITY', seq: 1, subject: 'activity.delivery', data, time: 0 };
      });
      await inFoldTransaction(site.dataSource, (tx) => deliveriesProjection.apply(messages, tx));
    }
    const [rows] = await site.dataSource.query<[object[], number]>(
      `delete from deliveries where peer = $1 returning seq, version, state, attempts, error_code, delivered_at,
         delivered_version, delivered_expires_at`,
      [peer],
    );
    return rows[0];
  }

  it(
    'is the same however the records are batched',
    async () => {
      const step = fc.record({
        seq: fc.integer({ min: 1, max: 4 }),
        version: fc.integer({ min: 1, max: 3 }),
        type: fc.constantFrom('delivered' as const, 'attempt-failed' as const, 'dead' as const),
      });
      const law = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const [one, many] = [
          await fold('one', [steps]),
          await fold(
            'many',
            steps.map((each) => [each]),
          ),
        ];
        expect(one).toEqual(many);
      });
      await fc.assert(law, { numRuns: 100 });
    },
    START_MS,
  );

  it('keeps what was delivered while a refresh is tried', async () => {
    const steps: Step[] = [
      { seq: 5, version: 1, type: 'delivered' },
      { seq: 9, version: 2, type: 'attempt-failed' },
    ];
    expect(await fold('a', [steps])).toMatchObject({ state: 'pending', version: 2, delivered_version: 1 });
  });

  it('forgets what was delivered when the id is new again', async () => {
    const steps: Step[] = [
      { seq: 5, version: 2, type: 'delivered' },
      { seq: 900, version: 1, type: 'attempt-failed' },
    ];
    expect(await fold('a', [steps])).toMatchObject({ state: 'pending', version: 1, delivered_version: null });
  });

  it('answers what a consumer that starts needs to know', async () => {
    const row = (id: string, seq: number, version: string | null, state: string): Promise<unknown> =>
      site.dataSource.query(
        `insert into deliveries values ($1, 'b', $2, $3, 3, $4, 7, '', '', null, null, null, null, $5, null)`,
        [GROUP, id, seq, state, version],
      );
    await row('before', 10, '3', 'delivered');
    await row('within', 11, '3', 'delivered');
    await row('refreshing', 20, '2', 'failed');
    await row('never', 20, null, 'pending');
    await row('beyond', 21, '3', 'delivered');
    const delivered = await deliveredVersions(site.dataSource, GROUP, 'b', { after: 10, upTo: 20 });
    expect(Object.fromEntries(delivered)).toEqual({
      within: { version: 3, seq: 11 },
      refreshing: { version: 2, seq: 20 },
    });
    expect(Object.fromEntries(await openAttempts(site.dataSource, GROUP, 'b'))).toEqual({
      'refreshing 3': 7,
      'never 3': 7,
    });
  });
});
