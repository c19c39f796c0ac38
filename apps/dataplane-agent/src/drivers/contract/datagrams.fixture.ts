import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import type { NodeListener } from '@signalbox/contracts';
import { Datagrams, type NamedResponder, tallied } from '../named-datagrams.fixture.js';
import type { DriverTraits, Stage } from './driver-stage.fixture.js';

/** Bytes of the headers of IPv4 and UDP. */
const HEADER = 28;

/** Flows of datagrams, of drivers that carry UDP: what holds of connections holds of them. */
export function describeDatagrams(stage: Stage, { translatesPackets }: DriverTraits): void {
  const header = translatesPackets ? HEADER : 0;
  describe('datagrams', () => {
    let datagrams: Datagrams;
    let servers: NamedResponder[];
    beforeEach(async () => {
      datagrams = new Datagrams();
      servers = await datagrams.start(['a', 'b', 'c']);
    });
    afterEach(() => datagrams.close());

    it('of 15 clients go to three servers 5/5/5, and those of one client to one', async () => {
      const place = await stage().serve(listener());
      const flows = await datagrams.flows(place, 15);
      expect(tallied(flows.map(({ name }) => name))).toEqual({ a: 5, b: 5, c: 5 });
      for (const { client, name } of flows) expect(await client.ask()).toBe(name);
    });

    it('are shared out by weight, 50/20/30', async () => {
      const place = await stage().serve(listener([50, 20, 30]));
      const flows = await datagrams.flows(place, 30);
      expect(tallied(flows.map(({ name }) => name))).toEqual({ a: 15, b: 6, c: 9 });
    });

    it('of standing flows go on at a target without weight, and new flows do not come to it', async () => {
      const place = await stage().serve(listener());
      const standing = await datagrams.flows(place, 3);
      await stage().serve(listener([100, 0, 100]));
      for (const { client, name } of standing) expect(await client.ask()).toBe(name);
      const after = await datagrams.flows(place, 4);
      expect(tallied(after.map(({ name }) => name))).toEqual({ a: 2, c: 2 });
    });

    it('are cut by flush: exactly the flows of the target, whose clients begin anew', async () => {
      const place = await stage().serve(listener());
      const flows = await datagrams.flows(place, 6);
      await stage().serve(listener([100, 0, 100]));
      const [, b] = servers;
      expect(await stage().flush(b ?? { address: '', port: 0 })).toBe(2);
      for (const { client, name } of flows) {
        const now = await client.ask();
        if (name === 'b') expect(['a', 'c']).toContain(now);
        else expect(now).toBe(name);
      }
    });

    it('are counted as they were sent', async () => {
      const place = await stage().serve(listener());
      for (const { client } of await datagrams.flows(place, 3)) await client.ask();
      await until('all to be counted', async () => {
        const { bytesIn, bytesOut, connections, connectionsTotal, targets } = await stage().countersOf('web');
        expect({ bytesIn, bytesOut, connections, connectionsTotal }).toEqual({
          bytesIn: 6 * ('who'.length + header),
          bytesOut: 6 * ('a'.length + header),
          connections: 3,
          connectionsTotal: 3,
        });
        for (const target of targets)
          expect(target).toMatchObject({
            connections: 1,
            bytesIn: 2 * ('who'.length + header),
            bytesOut: 2 * ('a'.length + header),
          });
        return true;
      });
    });

    it('that find no target are counted', async () => {
      const place = await stage().serve(listener([0, 0, 0]));
      const client = await datagrams.open(place);
      client.send();
      await until('it to be counted', async () => (await stage().countersOf('web')).refusedTotal === 1);
      expect(servers.map(({ heard }) => heard)).toEqual([0, 0, 0]);
    });

    it('on a busy port are refused to a listener, which works when the port is free', async () => {
      const [busy] = servers;
      if (!busy) throw new Error('three servers');
      const { address, port } = busy;
      const wanted = { ...listener([0, 100, 100]), listenAt: { address, port } };
      const [refused] = (await stage().apply(wanted)).listeners;
      expect(refused).toMatchObject({ state: 'refused', error: { code: 'listen-failed' } });
      await busy.stop();
      expect(await stage().serve(wanted)).toEqual({ address, port });
    });

    function listener(weights: readonly number[] = []): NodeListener {
      return stage().listener({ protocol: 'udp', port: 53, targets: stage().targets(weights, servers) });
    }
  });
}
