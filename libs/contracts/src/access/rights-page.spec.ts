import { readFileSync, writeFileSync } from 'node:fs';
import { ACCESS_RULES } from './access-rules.js';

const PAGE = new URL('../../../../docs/reference/rights.md', import.meta.url);

const REACH = {
  site: 'callers for all of the site',
  project: 'the same; below `/v1/orgs/{org}/projects/{project}` also who has the project',
  place: 'who has the org or the project in the path',
  self: 'every caller',
};

function page(): string {
  const rows = Object.entries(ACCESS_RULES).map(
    ([route, { role, scope, words }]) => `| \`${route}\` | ${words} | ${role} | ${REACH[scope]} |`,
  );
  return [
    '# Rights',
    '',
    'Who may call which route of REST. Made from `libs/contracts/src/access/access-rules.ts`; why it is so: ADR 0046.',
    '',
    'Each role may what those before it may: viewer, operator, author, admin. A service account may emit facts to its groups, and nothing else. What services and programs may do on NATS stands in `deploy/nats/users.conf`.',
    '',
    '| Route | Lets | Role | Reach |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/** What prettier makes of a table says the same. */
function withoutPadding(text: string): string {
  return text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
}

it('docs/reference/rights.md says what the table says', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page());
  expect(withoutPadding(readFileSync(PAGE, 'utf8'))).toBe(withoutPadding(page()));
});
