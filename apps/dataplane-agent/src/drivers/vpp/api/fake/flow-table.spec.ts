import fc from 'fast-check';
import { fillFlowTable, NO_SERVER, type TableServer } from './flow-table.fixture.js';
import { parsed } from './ip46.fixture.js';
import { xxhash } from './xxhash.fixture.js';

describe('the hash of VPP', () => {
  // by another implementation of XXH64, one that gives ef46db3751d8e999 for no bytes and seed 0 as the specification has it
  it.each([
    [0n, 0x6f06f901bfa27892n],
    [1n, 0x4a67795370639ba2n],
    [0x0100000a00000000n, 0xbc30f861da483441n],
  ])('of %d', (key, hash) => {
    expect(xxhash(key)).toBe(hash);
  });
});

describe('the table of new flows', () => {
  const two: TableServer[] = [server(1, '10.0.0.1'), server(2, '10.0.0.2')];

  it('begins where the hash says, and steps by an odd part of it', () => {
    // of 10.0.0.1, whose words are 0 and 0x0100000a00000000: start 0xbc30f861 & 7 = 1, step (0xda483441 | 1) & 7 = 1
    expect([...fillFlowTable([server(1, '10.0.0.1')], 8)]).toEqual(Array(8).fill(1));
    expect(fillFlowTable(two, 8)[1]).toBe(1);
  });

  it('drops when no server has a weight', () => {
    expect([...fillFlowTable([], 4)]).toEqual(Array(4).fill(NO_SERVER));
    expect([...fillFlowTable([server(1, '10.0.0.1', 0)], 4)]).toEqual(Array(4).fill(NO_SERVER));
  });

  it('is the same in whatever order the servers came', () => {
    fc.assert(
      fc.property(servers(), fc.nat(), (some, turn) => {
        const shuffled = [...some.slice(turn % some.length), ...some.slice(0, turn % some.length)];
        expect(fillFlowTable(shuffled, 256)).toEqual(fillFlowTable(some, 256));
      }),
    );
  });

  it('gives each server its part, to the slot', () => {
    fc.assert(
      fc.property(servers(), (some) => {
        const sum = some.reduce((total, { weight }) => total + weight, 0);
        const table = fillFlowTable(some, 1024);
        for (const { index, weight } of some) {
          const slots = table.filter((slot) => slot === index).length;
          expect(Math.abs(slots - (sum === 0 ? 0 : (1024 * weight) / sum))).toBeLessThanOrEqual(some.length);
          expect(slots > 0 || weight === 0 || 1024 * weight < sum).toBe(true);
        }
      }),
    );
  });

  it('is that of plain turns for equal weights, whatever the weight is', () => {
    for (const weight of [1, 50, 100]) {
      const weighed = two.map((one) => ({ ...one, weight }));
      expect(fillFlowTable(weighed, 64)).toEqual(fillFlowTable(two, 64));
      expect(fillFlowTable(weighed, 64).filter((slot) => slot === 1)).toHaveLength(32);
    }
  });
});

function server(index: number, address: string, weight = 100): TableServer {
  return { index, bytes: parsed(address), weight };
}

function servers(): fc.Arbitrary<TableServer[]> {
  return fc
    .uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 1, maxLength: 12 })
    .chain((hosts) =>
      fc.tuple(
        ...hosts.map((host) =>
          fc.integer({ min: 0, max: 100 }).map((weight) => server(host, `10.0.0.${host}`, weight)),
        ),
      ),
    );
}
