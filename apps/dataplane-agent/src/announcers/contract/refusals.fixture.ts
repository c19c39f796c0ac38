import { describe, expect, it } from '@jest/globals';
import { compareAddresses } from '@signalbox/contracts';
import { type AnnouncerTraits, PATIENT, type Stage } from './announcer-stage.fixture.js';

/** What cannot be announced takes nothing else with it. */
export function describeRefusals(stage: Stage, { refusesWholes }: AnnouncerTraits): void {
  describe('what cannot be announced', () => {
    it('refuses a VIP on its own, says why, and announces all others', async () => {
      const [first, second] = stage().vips();
      const bad = stage().subject.refusedVip();
      const wanted = [first, second, bad].sort((a, b) => compareAddresses(a.address, b.address));
      const result = await stage().apply(...wanted);
      expect(result.vips.map(({ address }) => address)).toEqual(wanted.map(({ address }) => address));
      for (const { address, state, error } of result.vips)
        if (address === bad.address) {
          expect(state).toBe('refused');
          expect(error?.message).toMatch(/\w/);
        } else expect(state).not.toBe('refused');
      await stage().untilSeen(first, second);
      await stage().untilRead(first, second);
      expect((await stage().apply(...wanted)).writes).toBe(0);
    });

    if (refusesWholes)
      it('keeps what was announced when the daemon refuses the whole, and takes the next that is right', async () => {
        const [first, second] = stage().vips();
        await stage().announce(first, second);
        const whole = stage().subject.refusedWhole?.();
        if (!whole) throw new Error('a method that refuses wholes names one');
        await expect(stage().announcer.apply(whole, PATIENT)).rejects.toMatchObject({
          code: 'announce-refused',
        });
        await stage().untilSeen(first, second);
        await stage().untilRead(first, second);
        await stage().announce(first);
      });
  });
}
