import { usageFailure } from '../failure.js';
import type { Page, ResourceItem } from '../rest/answers.js';

/** Most pages that are read for what a selector wants, and how many resources each has. */
const MAX_PAGES = 100;
const PAGE_LIMIT = 1000;

/**
 * A page of resources, or with a selector all that have its labels: `a=b,c=d` wants both. Throws usage when the
 * selector is not written so.
 */
export async function selectedPage(
  selector: string | undefined,
  ask: (more: { readonly limit?: number; readonly after?: string }) => Promise<Page<ResourceItem>>,
): Promise<Page<ResourceItem>> {
  if (selector === undefined) return ask({});
  const wanted = readSelector(selector);
  const items: ResourceItem[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const page = await ask({ limit: PAGE_LIMIT, ...(after !== undefined && { after }) });
    items.push(...page.items.filter(({ resource }) => hasLabels(resource.metadata.labels ?? {}, wanted)));
    if (!page.next) return { items };
    after = page.next;
  }
  return { items, ...(after !== undefined && { next: after }) };
}

function readSelector(text: string): readonly (readonly [label: string, value: string])[] {
  return text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usageFailure(`--selector: "${pair}" is not label=value`, 'signalbox get --help');
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
  });
}

function hasLabels(
  labels: Readonly<Record<string, string>>,
  wanted: readonly (readonly [label: string, value: string])[],
): boolean {
  return wanted.every(([label, value]) => Object.hasOwn(labels, label) && labels[label] === value);
}
