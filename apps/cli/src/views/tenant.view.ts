import { indented } from '../output/details.js';
import { fieldsText } from '../output/fields.js';
import { alignedText, type Column } from '../output/table.js';
import type { KindUse, OrgItem, ProjectItem, QuotaItem } from '../rest/answers.js';
import { originText } from './origin.js';

export const ORG_COLUMNS: readonly Column<OrgItem>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'DESCRIPTION', value: ({ description }) => description },
];

export const PROJECT_COLUMNS: readonly Column<ProjectItem>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ORG', value: ({ org }) => org },
  { title: 'DESCRIPTION', value: ({ description }) => description },
];

export const QUOTA_COLUMNS: readonly Column<QuotaItem>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'ORG', value: ({ org }) => org },
  { title: 'PROJECT', value: ({ project }) => project },
  { title: 'USED', value: ({ limits }) => limits.map(usedText).join(',') },
  { title: 'DESCRIPTION', wide: true, value: ({ description }) => description },
];

/** An org with what its projects have together. */
export function orgText({ name, description, projects, use = [], origin }: OrgItem): string {
  return [
    fieldsText([
      ['name', name],
      ['description', description || undefined],
      ['projects', projects],
      ['origin', originText(origin)],
    ]),
    useText('use', use),
  ].join('');
}

/** A project with what it has, and the quotas that it and its org have. */
export function projectText({ name, org, description, use = [], quotas = [], origin }: ProjectItem): string {
  return [
    fieldsText([
      ['name', name],
      ['org', org],
      ['description', description || undefined],
      ['origin', originText(origin)],
    ]),
    useText('use', use),
    ...quotas.map((quota) => useText(`quota ${quota.name} over ${scopeText(quota)}`, quota.limits)),
  ].join('');
}

/** A quota with how far each of its limits is used. */
export function quotaText(quota: QuotaItem): string {
  const { name, description, org, project, limits, origin } = quota;
  return [
    fieldsText([
      ['name', name],
      ['org', org],
      ['project', project],
      ['description', description || undefined],
      ['origin', originText(origin)],
    ]),
    useText('limits', limits),
  ].join('');
}

function scopeText({ org, project }: QuotaItem): string {
  return org === undefined ? `project ${project}` : `org ${org}`;
}

function useText(title: string, uses: readonly KindUse[]): string {
  const rows = uses.map(({ kind, used, limit }) => [
    kind,
    limit === undefined ? `${used}` : `${used} of ${limit}`,
  ]);
  return `${title}\n${indented(alignedText(rows) || '-', '  ')}`;
}

function usedText({ kind, used, limit }: Required<KindUse>): string {
  return `${kind} ${used}/${limit}`;
}
