import { describe, expect, it } from '@jest/globals';
import type { Stage } from './driver-stage.fixture.js';

/** Connections asked for after an acknowledged change of weights. Reference load-balancing section 2. */
const AFTER_CHANGES = 200;

/** Who gets new connections. */
export function describeDistribution(stage: Stage): void {
  describe('distribution', () => {
    it('round robin over three servers on one address and three ports: 15 requests, 5/5/5', async () => {
      const place = await stage().serve(stage().listener());
      expect(await stage().traffic.tally(place, 15)).toEqual({ a: 5, b: 5, c: 5 });
    });

    it('round robin with weights 50/20/30: 300 connections, 150/60/90', async () => {
      const place = await stage().serve(stage().listener({ targets: stage().targets([50, 20, 30]) }));
      expect(await stage().traffic.tally(place, 300)).toEqual({ a: 150, b: 60, c: 90 });
    });

    it('after an acknowledged change of weights 0 of 200 new connections are wrong', async () => {
      const { traffic, servers } = stage();
      const place = await stage().serve(stage().listener());
      let wrong = 0;
      for (let asked = 0; asked < AFTER_CHANGES; asked += 1) {
        const chosen = asked % servers.length;
        const weights = servers.map((_server, index) => (index === chosen ? 100 : 0));
        await stage().serve(stage().listener({ targets: stage().targets(weights) }));
        if ((await traffic.ask(place)) !== servers[chosen]?.name) wrong += 1;
      }
      expect(wrong).toBe(0);
    });

    it('a target without weight gets no new connection, and keeps those that stand', async () => {
      const { traffic } = stage();
      const place = await stage().serve(stage().listener());
      const standing = [];
      for (let opened = 0; opened < 6; opened += 1) standing.push(await traffic.connect(place));
      const before = await Promise.all(standing.map((client) => client.ask()));
      expect([...before].sort()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);

      await stage().serve(stage().listener({ targets: stage().targets([100, 0, 100]) }));
      const counts = await traffic.tally(place, 10);
      expect(counts).toEqual({ a: 5, c: 5 });
      expect(await Promise.all(standing.map((client) => client.ask()))).toEqual(before);

      await stage().serve(stage().listener());
      expect(Object.keys(await traffic.tally(place, 9)).sort()).toEqual(['a', 'b', 'c']);
    });
  });
}
