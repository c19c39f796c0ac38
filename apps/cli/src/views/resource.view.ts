import type { Condition } from '@signalbox/contracts';
import { plain } from '../output/cell.js';
import { detailsText, indented } from '../output/details.js';
import { yamlText } from '../output/format.js';
import { type Column } from '../output/table.js';
import type { ResourceItem } from '../rest/answers.js';

/** What the table of resources shows; kinds carry their API group where several groups have one of the name. */
export function resourceColumns(items: readonly ResourceItem[]): readonly Column<ResourceItem>[] {
  const groups = new Map<string, Set<string>>();
  for (const { resource } of items)
    groups.set(resource.kind, (groups.get(resource.kind) ?? new Set()).add(groupOf(resource)));
  return [
    {
      title: 'KIND',
      value: ({ resource }) =>
        groups.get(resource.kind)!.size > 1 ? `${resource.kind}.${groupOf(resource)}` : resource.kind,
    },
    { title: 'NAME', value: ({ resource }) => resource.metadata.name },
    { title: 'PROJECT', rank: 3, value: ({ resource }) => resource.metadata.project ?? 'default' },
    { title: 'REVISION', value: ({ revision }) => revision },
    { title: 'SET', rank: 2, value: ({ set }) => set },
    {
      title: 'CONDITIONS',
      value: (item) => [...new Set(conditionsOf(item).map(({ type }) => type))].join(','),
    },
    { title: 'APIVERSION', wide: true, value: ({ resource }) => resource.apiVersion },
    { title: 'SPEC', wide: true, value: ({ resource }) => JSON.stringify(resource.spec) },
  ];
}

/** A resource as a manifest that `apply` takes again; what the site says about it stands under `status`. */
export function manifestOf({ resource, revision, set, status }: ResourceItem): object {
  const { conditions = [] } = status ?? {};
  return {
    ...resource,
    status: { revision, ...(set !== null && { set }), ...(conditions.length > 0 && { conditions }) },
  };
}

/** Manifests as documents of one YAML text. */
export async function manifestsText(items: readonly ResourceItem[]): Promise<string> {
  const texts = await Promise.all(items.map((item) => yamlText(manifestOf(item))));
  return texts.join('---\n');
}

/** All about one resource, for people. */
export async function describeResource(item: ResourceItem): Promise<string> {
  const { resource, revision, set } = item;
  const conditions = conditionsOf(item);
  return [
    detailsText([
      ['Kind', resource.kind],
      ['Name', resource.metadata.name],
      ['API version', resource.apiVersion],
      ['Project', resource.metadata.project ?? 'default'],
      ['Revision', revision],
      ['Set', set],
    ]),
    conditions.length === 0 ? 'Conditions:  -\n' : `Conditions:\n${conditions.map(conditionText).join('')}`,
    `Spec:\n${indented(await yamlText(resource.spec), '  ')}`,
  ].join('');
}

function conditionText({ type, reason, pointer, message }: Condition): string {
  const what = [type, reason, pointer].filter((text) => text !== undefined && text !== '').join(' ');
  return `  ${plain(what)}: ${plain(message)}\n`;
}

function conditionsOf({ status }: ResourceItem): readonly Condition[] {
  return (status?.conditions ?? []).filter((condition) => condition.status === 'True');
}

function groupOf({ apiVersion }: ResourceItem['resource']): string {
  const [group = ''] = apiVersion.split('/');
  return group;
}
