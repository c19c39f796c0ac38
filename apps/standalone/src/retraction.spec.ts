import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ClaimSite, GONE, NOON, OBSERVED, type Said } from './claim-site.fixture.js';

const GRACE_MS = 5000;
const FOREVER_MS = 365 * 86_400_000;
const RETRACT = { types: [GONE], graceMs: GRACE_MS };
const RUNS = { numRuns: 500 };

function aSite(): ClaimSite {
  return new ClaimSite(RETRACT, FOREVER_MS);
}

/** Says it and has the matcher read it. */
function say(site: ClaimSite, said: Said): string {
  const id = site.say(said);
  site.read();
  return id;
}

describe('a fact that retracts', () => {
  it('E16 has what the others led to stand for the grace, then it goes, on time', () => {
    const site = aSite();
    say(site, { about: 'x' });
    say(site, { about: 'y' });
    site.until(NOON + 1000);
    const id = say(site, { about: 'x', type: GONE });
    site.until(NOON + 1000 + GRACE_MS - 1);
    expect(site.names()).toEqual(['x', 'y']);
    site.until(NOON + 1000 + GRACE_MS);
    expect(site.names()).toEqual(['y']);
    expect(site.moments.at(-1)).toMatchObject({ atMs: NOON + 1000 + GRACE_MS, names: ['y'] });
    expect(site.endings).toEqual([`fact ${id} (${GONE}) retracted it`]);
  });

  it.each([
    ['a new fact', {}],
    ['a refresh', { refresh: true }],
  ])(
    'E16 does nothing when %s of the lineage comes within the grace: no generation, no withdrawal',
    (_what, again) => {
      const site = aSite();
      say(site, { about: 'x' });
      site.until(NOON + 1000);
      say(site, { about: 'x', type: GONE });
      site.until(NOON + 2000);
      say(site, { about: 'x', ...again });
      site.until(NOON + 60_000);
      expect([site.names(), site.generation, site.endings]).toEqual([['x'], 1, []]);
    },
  );

  it('E16 is not cancelled by an older observation that arrives late, nor does that bring anything back', () => {
    const site = aSite();
    say(site, { about: 'x', agoMs: 5000 });
    site.until(NOON + 1000);
    say(site, { about: 'x', type: GONE });
    say(site, { about: 'x', agoMs: 100 });
    site.until(NOON + 1000 + GRACE_MS);
    expect(site.names()).toEqual([]);
    say(site, { about: 'x', agoMs: 2 + GRACE_MS });
    expect(site.names()).toEqual([]);
    say(site, { about: 'x' });
    expect(site.names()).toEqual(['x']);
  });

  it('E16 does nothing when it is older than what was observed', () => {
    const site = aSite();
    say(site, { about: 'x' });
    say(site, { about: 'x', type: GONE, agoMs: 1 });
    expect([site.pending.size, site.names()]).toEqual([0, ['x']]);
  });

  it('E16 keeps its time when others follow', () => {
    const site = aSite();
    say(site, { about: 'x' });
    for (let at = 1; at < 5; at += 1) {
      site.until(NOON + at * 1000);
      say(site, { about: 'x', type: GONE });
    }
    site.until(NOON + 1000 + GRACE_MS);
    expect(site.names()).toEqual([]);
  });

  it('E16 gives the grace also to what a newer fact of the lineage no longer matches', () => {
    const site = aSite();
    say(site, { about: 'x' });
    say(site, { about: 'x', seen: false });
    site.until(NOON + GRACE_MS - 1);
    expect(site.names()).toEqual(['x']);
    site.until(NOON + GRACE_MS);
    expect([site.names(), site.generation]).toEqual([[], 2]);
  });
});

/** What is said of one thing, on one page: what stands of it, and until when. */
class Page {
  stands = false;
  private dueMs = Infinity;
  private observedMs = -Infinity;
  private retractedMs = -Infinity;
  private isNewestSeen = false;

  say({ type = OBSERVED, seen = true, agoMs = 0, refresh = false }: Said, nowMs: number): void {
    const saidMs = nowMs - agoMs;
    const isRefresh = type === OBSERVED && refresh && this.observedMs > -Infinity;
    if (type === GONE) {
      if (saidMs < this.retractedMs) return;
      this.retractedMs = saidMs;
      // of equal times the later counts
      if (this.stands && saidMs >= this.observedMs) this.dueMs = Math.min(this.dueMs, nowMs + GRACE_MS);
      return;
    }
    if (!isRefresh && saidMs < this.observedMs) return;
    if (!isRefresh) {
      this.observedMs = saidMs;
      this.isNewestSeen = seen;
    }
    if (!this.isNewestSeen) {
      if (this.stands) this.dueMs = Math.min(this.dueMs, nowMs + GRACE_MS);
    } else if (isRefresh || saidMs >= this.retractedMs) {
      this.stands = true;
      this.dueMs = Infinity;
    }
  }

  at(nowMs: number): void {
    if (this.dueMs > nowMs) return;
    this.stands = false;
    this.dueMs = Infinity;
  }
}

const said = fc.record({
  about: fc.constantFrom('x', 'y'),
  type: fc.constantFrom(OBSERVED, OBSERVED, GONE),
  seen: fc.constantFrom(true, true, true, false),
  agoMs: fc.constantFrom(0, 0, 0, 1000, 4000),
  refresh: fc.constantFrom(false, false, false, true),
});
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: said.map((one) => ({ do: 'say' as const, said: one })) },
    { weight: 3, arbitrary: fc.nat({ max: 8000 }).map((ms) => ({ do: 'wait' as const, ms })) },
    { weight: 1, arbitrary: fc.constant({ do: 'keep' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'restart' as const }) },
  ),
  { maxLength: 40 },
);

describe('whatever is said, in whatever order', () => {
  it('E16 what stands is what one page says, at every time and after every crash of the matcher', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const site = aSite();
        const pages = new Map(['x', 'y'].map((about) => [about, new Page()]));
        const names = (): string[] => [...pages].filter(([, { stands }]) => stands).map(([about]) => about);
        let generations = 0;
        let before = '';
        const compare = (): void => {
          expect(site.names()).toEqual(names());
          if (names().join() !== before) generations += 1;
          before = names().join();
        };
        for (const step of given) {
          if (step.do === 'say') {
            pages.get(step.said.about)!.say(step.said, site.nowMs);
            say(site, step.said);
          } else if (step.do === 'keep') site.keep();
          else if (step.do === 'restart') site.restart();
          else
            for (const end = site.nowMs + step.ms; site.nowMs < end;) {
              const next = Math.min(end, site.pending.nextMs ?? end);
              for (const page of pages.values()) page.at(next);
              site.until(next);
              compare();
            }
          compare();
        }
        // neither more nor fewer generations than there were changes
        expect(site.generation).toBe(generations);
      }),
      RUNS,
    );
  });

  it('E16 a matcher that was away makes up for what was said and what was due meanwhile', () => {
    const words = fc.array(fc.tuple(said, fc.nat({ max: 4000 })), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(words, words, fc.boolean()), { maxLength: 4 }), (given) => {
        const site = aSite();
        const pages = new Map(['x', 'y'].map((about) => [about, new Page()]));
        const hear = (one: Said): void => {
          for (const page of pages.values()) page.at(site.nowMs);
          pages.get(one.about)!.say(one, site.nowMs);
        };
        for (const [there, away, keeps] of given) {
          for (const [one, afterMs] of there) {
            hear(one);
            say(site, one);
            site.until(site.nowMs + afterMs);
          }
          if (keeps) site.keep();
          for (const [one, afterMs] of away) {
            hear(one);
            site.say(one);
            site.nowMs += afterMs;
          }
          site.restart();
          for (const page of pages.values()) page.at(site.nowMs);
          expect(site.names()).toEqual([...pages].filter(([, { stands }]) => stands).map(([name]) => name));
        }
      }),
      RUNS,
    );
  });
});
