import { describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import type { ListenerCounters } from '../driver.js';
import type { DriverTraits, Stage } from './driver-stage.fixture.js';

/** Bytes of a question and of an answer of a named server. */
const [ASKED, ANSWERED] = ['who\n'.length, 'a\n'.length];

/** Counters say what was carried. */
export function describeCounters(stage: Stage, { translatesPackets }: DriverTraits): void {
  describe('counters', () => {
    /** Throws what differs, for the message of a wait that ends in vain. */
    const same = (seen: ListenerCounters, wanted: ListenerCounters): true => {
      expect(translatesPackets ? withoutHeaders(seen, wanted) : seen).toEqual(wanted);
      return true;
    };

    it('start at 0, grow, and agree with what was sent', async () => {
      const { traffic } = stage();
      const place = await stage().serve(stage().listener());
      expect(await stage().countersOf('web')).toEqual(counted(0));
      await traffic.tally(place, 6);
      await until('6 connections to be counted', async () =>
        same(await stage().countersOf('web'), counted(6)),
      );
      await traffic.tally(place, 3);
      await until('9 connections to be counted', async () =>
        same(await stage().countersOf('web'), counted(9)),
      );
    });

    it('tell how many connections stand', async () => {
      const { traffic } = stage();
      const place = await stage().serve(stage().listener());
      const clients = [];
      for (let opened = 0; opened < 3; opened += 1) clients.push(await traffic.connect(place));
      for (const client of clients) await client.ask();
      await until('3 to stand', async () => {
        const { connections, targets } = await stage().countersOf('web');
        return connections === 3 && targets.every((target) => target.connections === 1);
      });
      for (const client of clients) await client.end();
      await until('none to stand', async () => {
        const { connections, targets } = await stage().countersOf('web');
        return connections === 0 && targets.every((target) => target.connections === 0);
      });
    });

    it('go on over changes of weights', async () => {
      const place = await stage().serve(stage().listener());
      await stage().traffic.tally(place, 3);
      await until('3 to be counted', async () => same(await stage().countersOf('web'), counted(3)));
      await stage().serve(stage().listener({ targets: stage().targets([10, 10, 10]) }));
      await until('3 to stay', async () => same(await stage().countersOf('web'), counted(3)));
    });
  });

  function counted(connections: number): ListenerCounters {
    return {
      listener: 'web',
      connections: 0,
      connectionsTotal: connections,
      refusedTotal: 0,
      bytesIn: connections * ASKED,
      bytesOut: connections * ANSWERED,
      targets: stage()
        .targets()
        .map(({ address, port }) => ({
          address,
          port,
          connections: 0,
          connectionsTotal: connections / 3,
          errorsTotal: 0,
          bytesIn: (connections / 3) * ASKED,
          bytesOut: (connections / 3) * ANSWERED,
        })),
    };
  }
}

/**
 * Bytes of packets without those of headers, of which nobody knows in advance how many there are: as many as wanted where there
 * are at least as many, and none only where none are wanted.
 */
function withoutHeaders(seen: ListenerCounters, wanted: ListenerCounters): ListenerCounters {
  const bare = <T extends Bytes>(one: T, other: Bytes | undefined): T => ({
    ...one,
    bytesIn: lessened(one.bytesIn, other?.bytesIn ?? 0),
    bytesOut: lessened(one.bytesOut, other?.bytesOut ?? 0),
  });
  return {
    ...bare(seen, wanted),
    targets: seen.targets.map((target, index) => bare(target, wanted.targets[index])),
  };
}

type Bytes = Pick<ListenerCounters, 'bytesIn' | 'bytesOut'>;

function lessened(seen: number, wanted: number): number {
  return wanted === 0 ? seen : Math.min(seen, wanted);
}
