import { describe, expect, it } from '@jest/globals';
import { until } from '@signalbox/testing';
import { addressesOf, type AnnouncerTraits, PATIENT, type Stage } from './announcer-stage.fixture.js';

/** What others do to what is announced is seen, told, and put right. */
export function describeOthers(stage: Stage, traits: AnnouncerTraits): void {
  describe('what others do', () => {
    it('sees that somebody else withdrew a VIP, and announces it again', async () => {
      const [first, second] = stage().vips();
      await stage().announce(first, second);
      await stage().subject.othersWithdraw(first.address);
      if (!traits.healsItself) {
        await stage().untilSeen(second);
        await stage().untilRead(second);
        expect((await stage().apply(first, second)).writes).toBeGreaterThan(0);
      } else await stage().apply(first, second);
      await stage().untilSeen(first, second);
      await stage().untilRead(first, second);
      expect((await stage().apply(first, second)).writes).toBe(0);
    });

    if (traits.hasLeftovers)
      it('reads back what somebody left there under our name, and withdraws it', async () => {
        const [first, second] = stage().vips();
        await stage().announce(first);
        await stage().subject.othersAnnounce?.(second);
        await until('the one that was left', async () => {
          return addressesOf(await stage().announcer.observe(PATIENT)).includes(second.address);
        });
        await stage().announce(first);
      });

    it('calls back when something changed that nobody here applied', async () => {
      const [first] = stage().vips();
      let changes = 0;
      stage().announcer.onChange(() => (changes += 1));
      await stage().announce(first);
      const before = changes;
      await stage().subject.otherChanges();
      await until('a call back', () => changes > before);
    });

    it('names the routers that it speaks to, and how the sessions are', async () => {
      const [first] = stage().vips();
      await stage().announce(first);
      const names = stage()
        .subject.frame.peers.map(({ name }) => name)
        .sort();
      expect(names.length > 0).toBe(traits.hasPeers);
      await until('all sessions up', async () => {
        const sessions = await stage().announcer.sessions(PATIENT);
        expect(sessions.map(({ name }) => name)).toEqual(names);
        return sessions.every(({ state }) => state === 'up');
      });
    });
  });
}
