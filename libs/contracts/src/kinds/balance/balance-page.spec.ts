import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { BALANCE_API } from './specs.js';
import { validateResource } from '../../validate.js';
import { SOURCE_WAYS } from './backend-source-specs.js';
import { ANNOUNCEMENT } from './announcement.js';
import { BACKEND_SOURCE } from './backend-source.js';
import { BFD_PROFILE } from './bfd-profile.js';
import { BGP_PEER } from './bgp-peer.js';
import { CERTIFICATE } from './certificate.js';
import { L7_POLICY } from './l7-policy.js';
import { L7_RULE } from './l7-rule.js';
import { LISTENER } from './listener.js';
import { LOAD_BALANCER } from './load-balancer.js';
import { NODE } from './node.js';
import { ORG } from './org.js';
import { POOL } from './pool.js';
import { POOL_MEMBER } from './pool-member.js';
import { PROJECT } from './project.js';
import { QUOTA } from './quota.js';
import { VIP_CLAIM } from './vip-claim.js';
import { VIP_POOL } from './vip-pool.js';

const PAGE = readFileSync('docs/reference/balance-kinds.md', 'utf8');

const KINDS = [
  ANNOUNCEMENT,
  BACKEND_SOURCE,
  BFD_PROFILE,
  BGP_PEER,
  CERTIFICATE,
  L7_POLICY,
  L7_RULE,
  LISTENER,
  LOAD_BALANCER,
  NODE,
  ORG,
  POOL,
  POOL_MEMBER,
  PROJECT,
  QUOTA,
  VIP_CLAIM,
  VIP_POOL,
];

/** The part of a text below a heading, without what stands below smaller ones. */
function below(heading: string, text: string): string {
  const [, section = ''] = text.split(new RegExp(`^${heading}$`, 'm'));
  return section.split(/^#{2,4} /m)[0] ?? '';
}

/** What stands in the first column of the first table. */
function fieldsIn(text: string): string[] {
  const [table = ''] = /(?:^\|.*\n)+/m.exec(text) ?? [];
  const rows = [...table.matchAll(/^\| (`[^|]*?) *\|/gm)].map(([, cell = '']) => cell);
  return rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, field = '']) => field)).sort();
}

const propertiesOf = (schema: unknown): Record<string, unknown> =>
  (schema as { properties: Record<string, unknown> }).properties;

describe('docs/reference/balance-kinds.md', () => {
  it.each(KINDS)('has the fields of $kind', ({ kind, schema }) => {
    const fields = Object.keys(propertiesOf(schema)).filter((field) => field !== 'description');
    expect(fieldsIn(below(`## ${kind}`, PAGE))).toEqual(fields.sort());
  });

  it.each(SOURCE_WAYS)('has the fields of the way %s of BackendSource', (way) => {
    const ways = propertiesOf(BACKEND_SOURCE.schema);
    expect(fieldsIn(below(`### ${way}`, PAGE))).toEqual(Object.keys(propertiesOf(ways[way])).sort());
  });

  it('shows resources that are valid', () => {
    const blocks = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    const shown = blocks.flatMap((text) => parseAllDocuments(text).map((one) => one.toJS() as object));
    expect(shown.length).toBeGreaterThan(4);
    for (const one of shown)
      expect(() => validateResource({ apiVersion: BALANCE_API, ...one })).not.toThrow();
  });
});
