import { describe, expect, it } from '@jest/globals';
import { type AnnouncerTraits, PATIENT, type Stage } from './announcer-stage.fixture.js';

const UNAVAILABLE = { code: 'announcer-unavailable' } as const;

/** Deadline of a call that cannot be answered. Milliseconds. */
const SOON = { deadlineMs: 500 } as const;

/** Ends of the agent and of the daemon that it speaks to. */
export function describeRestarts(stage: Stage, { daemon }: AnnouncerTraits): void {
  describe('ends and starts', () => {
    it('leaves what is announced when it is closed, and the next one finds it and writes nothing', async () => {
      const vips = stage().vips();
      await stage().announce(...vips);
      await stage().restart(() => stage().untilSeen(...vips));
      expect((await stage().apply(...vips)).writes).toBe(0);
      await stage().untilSeen(...vips);
      await stage().untilRead(...vips);
    });

    it('withdraws after a restart what is not wanted any more', async () => {
      const [first, second, six] = stage().vips();
      await stage().announce(first, second, six);
      await stage().restart();
      await stage().announce(six);
    });

    if (daemon)
      it('says that its daemon is away, and makes all as wanted once it is back', async () => {
        const [first, second, six] = stage().vips();
        await stage().announce(first, second);
        await stage().subject.daemon?.kill();
        await expect(stage().apply(first, six)).rejects.toMatchObject(UNAVAILABLE);
        await expect(stage().announcer.observe(PATIENT)).rejects.toMatchObject(UNAVAILABLE);
        await expect(stage().announcer.sessions(PATIENT)).rejects.toMatchObject(UNAVAILABLE);
        await stage().subject.daemon?.start();
        await stage().announce(first, six);
        expect((await stage().apply(first, six)).writes).toBe(0);
      });

    if (daemon === 'hangs')
      it('gives a deaf daemon up after the deadline, and goes on once it hears', async () => {
        const [first, second] = stage().vips();
        await stage().announce(first);
        await stage().subject.daemon?.hang?.();
        const wanted = stage().wanted(first, second);
        await expect(stage().announcer.apply(wanted, SOON)).rejects.toMatchObject(UNAVAILABLE);
        await expect(stage().announcer.observe(SOON)).rejects.toMatchObject(UNAVAILABLE);
        await stage().subject.daemon?.wake?.();
        await stage().announce(first, second);
      });
  });
}
