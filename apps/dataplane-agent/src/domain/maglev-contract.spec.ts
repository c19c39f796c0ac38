import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type NodeTarget } from '@signalbox/contracts';
import { digestOfTable, MAGLEV_CONTRACT, MAGLEV_SEEDS, maglevTargets, slotOf } from './maglev-contract.js';
import { maglevTable } from './maglev-table.js';
import { naiveMaglev } from './naive-maglev.fixture.js';
import { equalTargets, targetsOf } from './targets.fixture.js';

const PAGE = readFileSync('docs/reference/maglev-table.md', 'utf8');

/** Targets of all kinds, in an order that is not theirs. */
const EXAMPLE: readonly NodeTarget[] = [
  { address: '2001:db8::1', port: 80, weight: 100, flushes: 0 },
  { address: '10.0.0.10', port: 80, weight: 50, flushes: 0 },
  { address: '10.0.0.2', port: 8080, weight: 100, flushes: 0 },
  { address: '10.0.0.3', port: 80, weight: 0, flushes: 0 },
  { address: '10.0.0.2', port: 80, weight: 25, flushes: 0 },
];

function digest(targets: readonly NodeTarget[], size: number): string {
  const weighted = maglevTargets(targets);
  return digestOfTable(weighted, maglevTable(weighted, size));
}

describe('the contract of Maglev tables', () => {
  it('orders targets by address, then by port, and leaves out those without weight', () => {
    expect(maglevTargets(EXAMPLE)).toEqual([
      { name: '10.0.0.2:80', weight: 25, index: 4 },
      { name: '10.0.0.2:8080', weight: 100, index: 2 },
      { name: '10.0.0.10:80', weight: 50, index: 1 },
      { name: '[2001:0db8:0000:0000:0000:0000:0000:0001]:80', weight: 100, index: 0 },
    ]);
  });

  it('has the name and the seeds that the reference page says', () => {
    const { offset, skip, client } = MAGLEV_SEEDS;
    expect(PAGE).toContain(`**\`${MAGLEV_CONTRACT}\`**`);
    expect(PAGE).toContain(`OFFSET = ${offset}, SKIP = ${skip}, CLIENT = ${client}.`);
  });

  it('has the table, the digest and the client that the reference page shows', () => {
    const table = maglevTable(maglevTargets(EXAMPLE), 23);
    expect(PAGE).toContain(`slots    ${table.join(' ')}\n`);
    expect(PAGE).toContain(`digest   ${digest(EXAMPLE, 23)}\n`);
    expect(PAGE).toContain(`client   198.51.100.7:40000 has slot ${slotOf('198.51.100.7:40000', 23)}\n`);
  });

  it('has the digest of the bytes that the reference page lists', () => {
    const { names, slots } = naiveMaglev(EXAMPLE, 251);
    const sha256 = createHash('sha256').update(
      ['signalbox-maglev-1', 251, ...names].map((line) => `${line}\n`).join(''),
    );
    for (const slot of slots) {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(slot);
      sha256.update(bytes);
    }
    expect(digest(EXAMPLE, 251)).toBe(sha256.digest('hex'));
  });

  it('does not change its tables between releases: who has to, gives the contract a new name', () => {
    expect([...maglevTable(maglevTargets(EXAMPLE), 23)]).toEqual([
      1, 2, 1, 3, 1, 0, 3, 3, 3, 2, 1, 2, 2, 1, 1, 1, 0, 3, 1, 3, 1, 3, 3,
    ]);
    expect(digest(EXAMPLE, 23)).toBe('701beeeb584598e4404d7b9baff89b88bd9325f972432ef4f85fd9cf79433e6a');
    expect(digest([], 251)).toBe('7676128799b79b61b4f2436c45bbee6f05d8bc640f7bf20346cc00d9613413dc');
    expect(digest(equalTargets(3), 307)).toBe(
      '8a349f4c16f8010853be155880ea7435446437be1f57aa368d8a4c37194dab48',
    );
    expect(digest(targetsOf(50, 20, 30), 65_537)).toBe(
      '840248fbf8560f2b01938075c4c090612a8ea3b8f6a2d6bd75c9fb48dc396a84',
    );
    expect(digest(equalTargets(1000), 65_537)).toBe(
      '233e8ac6ae86f46fc24a1ab50e0b91e27b030df9e3756139e45e195d8a644609',
    );
  });
});
