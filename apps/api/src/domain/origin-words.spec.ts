import { expect, it } from '@jest/globals';
import { endWords, type OriginPart, partWords, revisionWords } from './origin-words.js';

const AT = '2026-05-30T12:00:00.000Z';
const facts = (...ids: string[]): OriginPart['facts'] => ids.map((id) => ({ id, origin: 'edge-1' }));
const PART: OriginPart = {
  source: 'EventSubscription/seen/0123',
  generation: 2,
  owner: 'EventSubscription/seen',
  state: 'active',
  reason: null,
  runId: 'run-1',
  acceptedAt: AT,
  stateAt: AT,
  expiresAt: AT,
  facts: facts('e1'),
  group: 'default',
  subscription: 'seen',
  plugin: 'to-host',
  revision: 7,
};

it.each([
  [PART, 'EventSubscription/seen by run run-1 of Plugin/to-host, rule of revision 7, from fact e1 of edge-1'],
  [
    { ...PART, facts: facts('a', 'b', 'c', 'd', 'e') },
    'EventSubscription/seen by run run-1 of Plugin/to-host, rule of revision 7, from facts a of edge-1, b of edge-1, c of edge-1 and 2 more',
  ],
  [{ ...PART, owner: 'BackendSource/dns', plugin: null, facts: [] }, 'BackendSource/dns'],
  [{ ...PART, owner: 'BackendSource/vms', plugin: null }, 'BackendSource/vms from fact e1 of edge-1'],
])('D19 tells who made a part, and from what', (part, words) => {
  expect(partWords(part)).toBe(words);
});

it.each([
  [
    { state: 'expired', reason: 'ended at noon' },
    'part 2 of EventSubscription/seen/0123 is expired: ended at noon',
  ],
  [{ state: 'superseded' }, 'part 2 of EventSubscription/seen/0123 is superseded'],
  [{}, 'part 2 of EventSubscription/seen/0123 no longer has it'],
])('D19 tells why what a part brought went', (now, words) => {
  expect(endWords({ ...PART, ...now })).toBe(words);
});

it('D19 tells who changed something, and why when they said so', () => {
  const revision = { revision: 7, author: 'ann', message: '', at: AT };
  expect(revisionWords(revision)).toBe('revision 7 by ann');
  expect(revisionWords({ ...revision, message: 'the new hall' })).toBe('revision 7 by ann: the new hall');
});
