// Which subscriptions a fact starts, by the index and the rule of the matcher and nothing else.
import { answer, built } from './domain-of.mjs';

const { MatchIndex } = await built('apps/matcher/src/domain/match-index.js');
const { decideMatch } = await built('apps/matcher/src/domain/match-rule.js');
const { ruleOf } = await built('apps/matcher/src/domain/rule.js');

/** Types that the subscriptions share among them. */
const TYPES = 100;
const FACTS = 10_000;
const NO_RETRY = { maxAttempts: 1, backoffMs: 0, maxBackoffMs: 0 };
const NOW_MS = Date.parse('2026-05-30T12:00:00Z');

answer(({ count, seconds }) => {
  const before = heapBytes();
  const index = new MatchIndex();
  for (let n = 0; n < count; n += 1) index.put(ruleFor(n));
  const bytesEach = (heapBytes() - before) / count;
  const facts = Array.from({ length: FACTS }, (_, n) => factFor(n % count));
  for (const fact of facts)
    if (matches(index, fact) !== 1) throw new Error(`a fact of ${count} matched ${matches(index, fact)}`);
  let decided = 0;
  const began = performance.now();
  while (performance.now() - began < seconds * 1000) {
    for (const fact of facts) matches(index, fact);
    decided += facts.length;
  }
  return { rate: (decided * 1000) / (performance.now() - began), bytesEach };
});

function matches(index, fact) {
  let matched = 0;
  for (const rule of index.candidates(fact))
    if (decideMatch(rule, fact, { current: true, nowMs: NOW_MS }).matched) matched += 1;
  return matched;
}

/** One type of a hundred, one network, one payload pair: as subscriptions of edges look. */
function ruleFor(n) {
  const text = JSON.stringify({
    apiVersion: 'federation.routerd.net/v1alpha1',
    kind: 'EventSubscription',
    metadata: { name: `subscription-${n}` },
    spec: {
      groupRef: 'default',
      match: { types: [typeOf(n)], subjectPrefixes: [prefixOf(n)], payload: { ownerSide: 'onprem' } },
      trigger: { pluginRef: 'example' },
    },
  });
  return ruleOf({ resource: JSON.parse(text), revision: 1 }, undefined, NO_RETRY);
}

function factFor(n) {
  return {
    id: `fact-${n}`,
    group: 'default',
    sourceNode: 'bench-node',
    type: typeOf(n),
    subject: `${prefixOf(n)}7/32`,
    dedupeKey: `fact-${n}`,
    payload: { ownerSide: 'onprem', mac: '02:00:00:00:00:09' },
    observedAt: '2026-05-30T12:00:00Z',
  };
}

function typeOf(n) {
  return `bench.type-${n % TYPES}`;
}

/** All of one length, so that the number of lookups is the same for few and for many. */
function prefixOf(n) {
  const octet = (value) => String(100 + value);
  return `10.${octet(Math.floor(n / 150) % 150)}.${octet(n % 150)}.${octet(Math.floor(n / 22_500))}.`;
}

function heapBytes() {
  for (let n = 0; n < 3; n += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}
