import { describe, expect, it } from '@jest/globals';
import { addressesOf, type AnnouncerTraits, PATIENT, type Stage } from './announcer-stage.fixture.js';

/** What is wanted is announced, read back, and not written again; what is not wanted any more is withdrawn. */
export function describeAnnounce(stage: Stage, { hasAttributes }: AnnouncerTraits): void {
  describe('apply', () => {
    it('brings VIPs of both families onto the network, and reads them back', async () => {
      const [first, second, six] = stage().vips();
      expect(await stage().announcer.observe(PATIENT)).toEqual([]);
      expect(await stage().subject.seen()).toEqual([]);
      const result = await stage().announce(first, second, six);
      expect(addressesOf(result.vips)).toEqual(addressesOf([first, second, six]));
      expect(result.vips.filter(({ state }) => state === 'refused')).toEqual([]);
      expect(result.writes).toBeGreaterThan(0);
    });

    it('writes nothing when it is as wanted', async () => {
      const vips = stage().vips();
      await stage().announce(...vips);
      const again = await stage().apply(...vips);
      expect(again.writes).toBe(0);
      expect(again.vips.map(({ state }) => state)).toEqual(['announced', 'announced', 'announced']);
    });

    it('withdraws what is not named, and leaves what is', async () => {
      const [first, second, six] = stage().vips();
      await stage().announce(first, second, six);
      const result = await stage().announce(second);
      expect(addressesOf(result.vips)).toEqual([second.address]);
      expect(result.writes).toBeGreaterThan(0);
      await stage().announce(second, six);
    });

    it('withdraws all when nothing is wanted, and announces again', async () => {
      const vips = stage().vips();
      await stage().announce(...vips);
      await stage().announce();
      expect((await stage().apply()).writes).toBe(0);
      await stage().announce(...vips);
    });

    it('takes nothing to announce as its first wish', async () => {
      expect((await stage().apply()).vips).toEqual([]);
      expect((await stage().apply()).writes).toBe(0);
      expect(await stage().subject.seen()).toEqual([]);
    });

    it('announces 200 VIPs in one change, and withdraws them in one', async () => {
      const { subject } = stage();
      const half = Array.from({ length: 100 }, (_, number) => number);
      const vips = [
        ...half.map((number) => subject.vip('IPv4', number)),
        ...half.map((number) => subject.vip('IPv6', number)),
      ];
      await stage().announce(...vips);
      expect((await stage().apply(...vips)).writes).toBe(0);
      await stage().announce();
    });

    if (hasAttributes)
      it('announces a VIP otherwise without withdrawing it for good', async () => {
        const [first, second] = stage().vips();
        await stage().announce(first, second);
        const other = stage().subject.otherwise?.(first);
        if (!other) throw new Error('a method with attributes says how a VIP is announced otherwise');
        const result = await stage().announce(other, second);
        expect(result.writes).toBeGreaterThan(0);
        expect((await stage().apply(other, second)).writes).toBe(0);
      });
  });
}
