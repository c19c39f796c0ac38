import { describe, expect, it } from '@jest/globals';
import { CounterLedger } from './counter-ledger.js';

function counts(connections: number) {
  return new Map([['web/a', { connections }]]);
}

describe('totals over processes', () => {
  it('go on when a reload starts a process that counts from 0', () => {
    const ledger = new CounterLedger();
    const totals = [
      new Map([[1, counts(10)]]),
      new Map([
        [1, counts(12)],
        [2, counts(0)],
      ]),
      new Map([
        [1, counts(13)],
        [2, counts(5)],
      ]),
      new Map([[2, counts(6)]]),
      new Map([[3, counts(1)]]),
    ].map((processes) => {
      ledger.take(processes);
      return ledger.total('web/a', 'connections');
    });
    expect(totals).toEqual([10, 12, 18, 19, 20]);
  });

  it('go on when a server was removed and added again in one process', () => {
    const ledger = new CounterLedger();
    ledger.take(new Map([[1, counts(10)]]));
    ledger.take(new Map([[1, new Map()]]));
    expect(ledger.total('web/a', 'connections')).toBe(10);
    ledger.take(new Map([[1, counts(2)]]));
    expect(ledger.total('web/a', 'connections')).toBe(12);
  });

  it('are 0 for what was never counted, and again for what is forgotten', () => {
    const ledger = new CounterLedger();
    expect(ledger.total('web/a', 'connections')).toBe(0);
    ledger.take(new Map([[1, counts(10)]]));
    ledger.take(new Map());
    ledger.keepOnly((key) => key !== 'web/a');
    expect(ledger.total('web/a', 'connections')).toBe(0);
  });
});
