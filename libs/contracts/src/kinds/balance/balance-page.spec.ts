import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { BALANCE_API } from './specs.js';
import { validateResource } from '../../validate.js';
import { CERTIFICATE } from './certificate.js';
import { L7_POLICY } from './l7-policy.js';
import { L7_RULE } from './l7-rule.js';
import { LISTENER } from './listener.js';
import { LOAD_BALANCER } from './load-balancer.js';
import { ORG } from './org.js';
import { POOL } from './pool.js';
import { POOL_MEMBER } from './pool-member.js';
import { PROJECT } from './project.js';
import { QUOTA } from './quota.js';
import { VIP_CLAIM } from './vip-claim.js';
import { VIP_POOL } from './vip-pool.js';

const PAGE = readFileSync('docs/reference/balance-kinds.md', 'utf8');

describe('docs/reference/balance-kinds.md', () => {
  it.each([
    CERTIFICATE,
    L7_POLICY,
    L7_RULE,
    LISTENER,
    LOAD_BALANCER,
    POOL,
    POOL_MEMBER,
    ORG,
    PROJECT,
    QUOTA,
    VIP_CLAIM,
    VIP_POOL,
  ])('has the fields of $kind', ({ kind, schema }) => {
    const [, section = ''] = PAGE.split(new RegExp(`^## ${kind}$`, 'm'));
    const [table = ''] = section.split(/^## /m);
    const rows = [...table.matchAll(/^\| (`[^|]*?) *\|/gm)].map(([, cell = '']) => cell);
    const named = rows.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, field]) => field));
    const { properties } = schema as { properties: Record<string, unknown> };
    const fields = Object.keys(properties).filter((field) => field !== 'description');
    expect(named.sort()).toEqual(fields.sort());
  });

  it('shows resources that are valid', () => {
    const blocks = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    const shown = blocks.flatMap((text) => parseAllDocuments(text).map((one) => one.toJS() as object));
    expect(shown.length).toBeGreaterThan(4);
    for (const one of shown)
      expect(() => validateResource({ apiVersion: BALANCE_API, ...one })).not.toThrow();
  });
});
