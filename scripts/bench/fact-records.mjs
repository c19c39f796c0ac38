// Accepted facts by the hundred thousand: their records, put into the stream as ingest does, while no site runs.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../prepare.mjs';
import { AckedPublisher } from './acked-publisher.mjs';

const WINDOW = 1024;
/** Nine facts of ten are over: a site keeps them for longer than they are true. */
const OVER = 0.9;
const STEP_MS = 1000;

/**
 * Appends `count` facts of the group default, the last one observed now, one a second before it. Of twenty types and fifty
 * sources, about an address each.
 */
export async function appendFacts(nc, count) {
  const { factKey, factSubject } = await import(
    pathToFileURL(join(ROOT, 'dist', 'libs', 'contracts', 'src', 'index.js')).href
  );
  const publisher = new AckedPublisher(nc);
  const now = Date.now();
  let n = 0;
  const lane = async () => {
    while (n < count) {
      const record = recordOf((n += 1), count, now);
      const { group, type } = record.fact;
      await publisher.append(
        factSubject(group, record.own, factKey(record.fact), type),
        JSON.stringify(record),
      );
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
}

function recordOf(n, count, now) {
  const observedMs = now - (count - n) * STEP_MS;
  const observedAt = new Date(observedMs).toISOString();
  const ends = n <= count * OVER ? observedMs + STEP_MS : now + 24 * 3_600_000;
  return {
    fact: {
      id: `read-${String(n).padStart(8, '0')}`,
      group: 'default',
      sourceNode: n % 50 === 0 ? 'bench-node' : `peer-${n % 50}`,
      type: `bench.kept-${n % 20}`,
      subject: `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}/32`,
      dedupeKey: `read-${n}`,
      payload: { ownerSide: 'onprem', pad: 'x'.repeat(120) },
      observedAt,
      expiresAt: new Date(ends).toISOString(),
    },
    own: n % 50 === 0,
    change: 'new',
    version: 1,
    current: true,
    way: n % 50 === 0 ? 'rest' : 'peer',
    acceptedAt: new Date(now).toISOString(),
  };
}
